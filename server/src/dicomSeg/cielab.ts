/**
 * CIELab as RecommendedDisplayCIELabValue codes it: three 16-bit numbers, L 0..100 and a, b -128..127 over 0..65535
 * (PS3.3 C.10.7.1.1). The standard means white D50; viewers in use (OHIF, 3D Slicer) calculate with D65, and a colour that
 * comes back as it was chosen is worth more here.
 */
const WHITE = [0.95047, 1, 1.08883] as const;
const TO_XYZ = [
  [0.4124564, 0.3575761, 0.1804375],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339, 0.119192, 0.9503041],
] as const;
const TO_RGB = [
  [3.2404542, -1.5371385, -0.4985314],
  [-0.969266, 1.8760108, 0.041556],
  [0.0556434, -0.2040259, 1.0572252],
] as const;

type Triple = readonly [number, number, number];
const each = (v: Triple, f: (n: number, at: 0 | 1 | 2) => number): Triple => [f(v[0], 0), f(v[1], 1), f(v[2], 2)];
const times = (m: readonly [Triple, Triple, Triple], v: Triple): Triple =>
  each([0, 0, 0], (_, row) => m[row][0] * v[0] + m[row][1] * v[1] + m[row][2] * v[2]);

const linear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const companded = (c: number) => (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055);
const KNEE = (6 / 29) ** 3;
const f = (t: number) => (t > KNEE ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29);
const inverseF = (t: number) => (t ** 3 > KNEE ? t ** 3 : 3 * (6 / 29) ** 2 * (t - 4 / 29));

/** @param rgb - 0..255 each, sRGB. */
export function rgbToDicomLab(rgb: Triple): Triple {
  const [x, y, z] = each(
    times(
      TO_XYZ,
      each(rgb, (c) => linear(c / 255)),
    ),
    (n, at) => f(n / WHITE[at]),
  );
  const [l, a, b] = [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  return each([l / 100, (a + 128) / 255, (b + 128) / 255], (n) => Math.round(Math.min(1, Math.max(0, n)) * 65_535));
}

/** The nearest sRGB colour, 0..255 each. */
export function dicomLabToRgb(lab: Triple): Triple {
  const l = (lab[0] / 65_535) * 100;
  const a = (lab[1] / 65_535) * 255 - 128;
  const b = (lab[2] / 65_535) * 255 - 128;
  const y = (l + 16) / 116;
  const xyz = each([y + a / 500, y, y - b / 200], (t, at) => inverseF(t) * WHITE[at]);
  return each(times(TO_RGB, xyz), (c) => Math.round(Math.min(1, Math.max(0, companded(c))) * 255));
}
