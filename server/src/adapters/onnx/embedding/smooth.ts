import { mirrored, type Plane } from './spline.ts';

/** Tails beyond so many deviations are cut off. */
const TRUNCATE = 4;

/**
 * Smooths along one axis with a Gaussian, the image mirrored about its outermost pixels, in the order of operations of
 * scipy.ndimage.gaussian_filter.
 * @param sigma - Standard deviation in pixels, above 0.
 */
export function smooth({ data, columns, rows }: Plane, axis: 'rows' | 'columns', sigma: number): Plane {
  const half = gaussian(sigma);
  const [length, stride, lines, lineStride] =
    axis === 'rows' ? [rows, columns, columns, 1] : [columns, 1, rows, columns];
  const radius = half.length - 1;
  const line = new Float64Array(length + 2 * radius);
  const out = new Float64Array(data.length);
  for (let n = 0; n < lines; n++) {
    const start = n * lineStride;
    for (let i = 0; i < length; i++) line[radius + i] = data[start + i * stride]!;
    for (let i = 1; i <= radius; i++) {
      line[radius - i] = data[start + mirrored(-i, length) * stride]!;
      line[radius + length - 1 + i] = data[start + mirrored(length - 1 + i, length) * stride]!;
    }
    for (let i = 0; i < length; i++) {
      const middle = i + radius;
      let sum = line[middle]! * half[0]!;
      for (let k = radius; k > 0; k--) sum += (line[middle - k]! + line[middle + k]!) * half[k]!;
      out[start + i * stride] = sum;
    }
  }
  return { data: out, columns, rows };
}

/** The middle and one side of the kernel, whose whole sums to 1. */
function gaussian(sigma: number): Float64Array {
  const radius = Math.floor(TRUNCATE * sigma + 0.5);
  const factor = -0.5 / (sigma * sigma);
  const half = Float64Array.from({ length: radius + 1 }, (_, x) => Math.exp(factor * (x * x)));
  const whole = Float64Array.from({ length: 2 * radius + 1 }, (_, n) => half[Math.abs(n - radius)]!);
  const sum = sumInEights(whole);
  return half.map((value) => value / sum);
}

/** The sum as numpy forms it of fewer than 128 numbers: eight partial sums, then what is left over. */
function sumInEights(values: Float64Array): number {
  const whole = values.length < 8 ? 0 : values.length - (values.length % 8);
  const s = new Float64Array(8);
  for (let n = 0; n < whole; n++) s[n % 8]! += values[n]!;
  let sum = s[0]! + s[1]! + (s[2]! + s[3]!) + (s[4]! + s[5]! + (s[6]! + s[7]!));
  for (let n = whole; n < values.length; n++) sum += values[n]!;
  return sum;
}
