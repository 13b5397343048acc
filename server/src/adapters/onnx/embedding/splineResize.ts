import type { SliceImage } from '../../../ports/inferenceEngine.ts';
import { splineTaps, toCoefficients, type AxisTaps, type Plane } from './spline.ts';
import { smooth } from './smooth.ts';

/** Closer to a whole number than this, the order of the roundings decides to which side of it a value falls. */
const DOUBTFUL = 1e-9;
const CHANNELS = 3;

/**
 * Resizes to a square, the sides apart, as `skimage.transform.resize(image, (size, size), order=3, preserve_range=True,
 * anti_aliasing=True).astype(uint8)` does it with an image of three channels: Gaussian where an axis shrinks, cubic B-splines
 * with mirrored edges, kept within the range of the image, truncated.
 *
 * The result is that of scipy to the last grey level (on x86-64; the exponential of the Gaussian is that of the platform).
 * Scipy sums 4 x 4 x 4 products for each number, the channels being an axis like the others; this is done here too, but only for
 * numbers that lie so close to a whole one that the order of sums matters. All others are summed one axis after another.
 * @returns [size, size, 3], row-major, interleaved; grey is repeated.
 */
export function splineResize(image: SliceImage, size: number): Uint8Array {
  if (image.columns === size && image.rows === size) return inThreeChannels(image);
  const [low, high] = rangeOf(image.pixels);
  const planes = Array.from({ length: image.components }, (_, channel) => coefficientsOf(image, channel, size));
  const down = splineTaps(image.rows, size);
  const across = splineTaps(image.columns, size);
  const exact = exactly(planes, down, across);
  const out = new Uint8Array(size * size * CHANNELS);
  const line = new Float64Array(image.columns);
  for (const [channel, plane] of planes.entries()) {
    for (let y = 0; y < size; y++) {
      combineRows(plane, down, y, line);
      for (let x = 0; x < size; x++) {
        let value = 0;
        for (let k = x * 4; k < x * 4 + 4; k++) value += line[across.at[k]!]! * across.weights[k]!;
        const at = (y * size + x) * CHANNELS + channel;
        const isDoubtful = Math.abs(value - Math.round(value)) < DOUBTFUL && value > low + DOUBTFUL;
        for (let c = channel; c < CHANNELS; c += image.components)
          out[at + c - channel] = Math.min(high, Math.max(low, isDoubtful ? exact(y, x, c) : value));
      }
    }
  }
  return out;
}

function inThreeChannels({ pixels, components }: SliceImage): Uint8Array {
  if (components === CHANNELS) return pixels;
  return Uint8Array.from({ length: pixels.length * CHANNELS }, (_, at) => pixels[Math.floor(at / CHANNELS)]!);
}

function rangeOf(pixels: Uint8Array): [low: number, high: number] {
  let [low, high] = [255, 0];
  for (const value of pixels) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** One channel, smoothed where it is to shrink, as spline coefficients along rows and columns. */
function coefficientsOf({ pixels, columns, rows, components }: SliceImage, channel: number, size: number): Plane {
  const data = Float64Array.from({ length: columns * rows }, (_, at) => pixels[at * components + channel]!);
  let plane: Plane = { data, columns, rows };
  if (rows > size) plane = smooth(plane, 'rows', (rows / size - 1) / 2);
  if (columns > size) plane = smooth(plane, 'columns', (columns / size - 1) / 2);
  toCoefficients(plane.data, columns, 1, rows, columns);
  toCoefficients(plane.data, rows, columns, columns, 1);
  return plane;
}

function combineRows({ data, columns }: Plane, down: AxisTaps, y: number, line: Float64Array): void {
  const [a, b, c, d] = [0, 1, 2, 3].map((k) => down.at[y * 4 + k]! * columns) as [number, number, number, number];
  const [wa, wb, wc, wd] = down.weights.subarray(y * 4, y * 4 + 4) as unknown as [number, number, number, number];
  for (let x = 0; x < columns; x++)
    line[x] = data[a + x]! * wa + data[b + x]! * wb + data[c + x]! * wc + data[d + x]! * wd;
}

/** One number of the result as scipy computes it: a sum of 64 products, in this order. */
function exactly(planes: readonly Plane[], down: AxisTaps, across: AxisTaps) {
  const { at: places, weights } = splineTaps(CHANNELS, CHANNELS);
  const columns = planes[0]!.columns;
  let coefficients: Float64Array | undefined;
  return (y: number, x: number, channel: number): number => {
    const c = (coefficients ??= alongChannels(planes));
    const k = channel * 4;
    const [ka, kb, kc, kd] = [places[k]!, places[k + 1]!, places[k + 2]!, places[k + 3]!];
    const [za, zb, zc, zd] = [weights[k]!, weights[k + 1]!, weights[k + 2]!, weights[k + 3]!];
    let sum = 0;
    for (let j = y * 4; j < y * 4 + 4; j++) {
      const row = down.at[j]! * columns;
      const wy = down.weights[j]!;
      for (let i = x * 4; i < x * 4 + 4; i++) {
        const at = (row + across.at[i]!) * CHANNELS;
        const wx = across.weights[i]!;
        sum += c[at + ka]! * wy * wx * za;
        sum += c[at + kb]! * wy * wx * zb;
        sum += c[at + kc]! * wy * wx * zc;
        sum += c[at + kd]! * wy * wx * zd;
      }
    }
    return sum;
  };
}

/** [rows, columns, 3]: coefficients along all three axes. */
function alongChannels(planes: readonly Plane[]): Float64Array {
  const pixels = planes[0]!.data.length;
  const out = new Float64Array(pixels * CHANNELS);
  for (let c = 0; c < CHANNELS; c++) {
    const { data } = planes[c % planes.length]!;
    for (let at = 0; at < pixels; at++) out[at * CHANNELS + c] = data[at]!;
  }
  toCoefficients(out, pixels, CHANNELS, CHANNELS, 1);
  return out;
}
