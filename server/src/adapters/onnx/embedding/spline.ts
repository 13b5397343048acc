/**
 * Cubic B-splines along one axis of a row-major image, in the very order of operations of scipy.ndimage: where an image is
 * flat, the last bit decides to which side a grey level is truncated. Beyond its edges the image is mirrored about its outermost
 * pixels (mode `mirror`).
 * @see Unser, Aldroubi, Eden: Fast B-spline transforms for continuous image representation and interpolation (1991)
 */

/** One plane of numbers, row-major. */
export interface Plane {
  readonly data: Float64Array;
  readonly columns: number;
  readonly rows: number;
}

/** The pole of the cubic spline, sqrt(3) - 2. */
const POLE = -0.2679491924311227;
const GAIN = (1 - POLE) * (1 - 1 / POLE);

/** Taps of a cubic spline. */
const TAPS = 4;

/** The index within 0..length - 1 that stands in for one beyond. */
export function mirrored(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * length - 2;
  const at = ((index % period) + period) % period;
  return at < length ? at : period - at;
}

/**
 * Numbers to spline coefficients, in place.
 * @param data - Lines of `length` numbers that lie `stride` apart, at each of `starts`.
 */
export function toCoefficients(
  data: Float64Array,
  starts: number,
  startStride: number,
  length: number,
  stride: number,
) {
  for (let n = 0; n < starts; n++) filterLine(data, n * startStride, length, stride);
}

function filterLine(c: Float64Array, start: number, length: number, stride: number): void {
  if (length === 1) return;
  const last = start + (length - 1) * stride;
  for (let at = start; at <= last; at += stride) c[at]! *= GAIN;
  const farPower = powerOfPole(length - 1);
  let first = c[start]! + farPower * c[last]!;
  let power = POLE;
  for (let n = 1; n < length - 1; n++) {
    first += power * (c[start + n * stride]! + farPower * c[last - n * stride]!);
    power *= POLE;
  }
  c[start] = first / (1 - farPower * farPower);
  for (let at = start + stride; at <= last; at += stride) c[at]! += POLE * c[at - stride]!;
  c[last] = ((POLE * c[last - stride]! + c[last]!) * POLE) / (POLE * POLE - 1);
  for (let at = last - stride; at >= start; at -= stride) c[at] = POLE * (c[at + stride]! - c[at]!);
}

function powerOfPole(exponent: number): number {
  let power = POLE;
  // Beyond this it is nothing beside the grey levels, and would slow down as a denormal number.
  for (let n = 1; n < exponent && n < 500; n++) power *= POLE;
  return power;
}

/** Which coefficients make each output of an axis, and their weights: four after another for each. */
export interface AxisTaps {
  readonly at: Int32Array;
  readonly weights: Float64Array;
}

/** @returns Where `size` outputs lie that cover the same extent as `length` inputs (pixel centres at + 0.5). */
export function splineTaps(length: number, size: number): AxisTaps {
  const scale = length / size;
  const taps = { at: new Int32Array(size * TAPS), weights: new Float64Array(size * TAPS) };
  for (let n = 0; n < size; n++) {
    // Scipy mirrors a position before the first pixel, and the indices around one behind the last.
    const position = length === 1 ? 0 : Math.abs((n + 0.5) * scale - 0.5);
    const floor = Math.floor(position);
    for (let k = 0; k < TAPS; k++) taps.at[n * TAPS + k] = mirrored(floor - 1 + k, length);
    const x = position - floor;
    const z = 1 - x;
    const before = (z * z * z) / 6;
    const lower = (x * x * (x - 2) * 3 + 4) / 6;
    const upper = (z * z * (z - 2) * 3 + 4) / 6;
    taps.weights.set([before, lower, upper, 1 - before - lower - upper], n * TAPS);
  }
  return taps;
}
