import type { SliceImage } from '../../../ports/inferenceEngine.ts';
import { axisWeights, type AxisWeights } from './axisWeights.ts';

/** Weights are whole numbers of 2^-22. */
const PRECISION_BITS = 22;

type FixedWeights = Omit<AxisWeights, 'weights'> & { readonly weights: Int32Array };

/**
 * Resizes to a square, the sides apart, as Pillow's `Image.resize((size, size))` does it: bicubic with a = -0.5, widened where
 * the image shrinks; first across, then down, each rounded to 8 bit.
 * @returns [size, size, components], row-major, interleaved.
 */
export function bicubicResize(image: SliceImage, size: number): Uint8Array {
  const { columns, rows, components } = image;
  const narrow = columns === size ? image.pixels : resizeRows(image.pixels, rows, columns, components, size);
  if (rows === size) return narrow;
  const axis = bicubicWeights(rows, size);
  const width = size * components;
  const out = new Uint8Array(width * size);
  for (let y = 0; y < size; y++)
    for (let at = 0; at < width; at++) out[y * width + at] = weighted(narrow, axis, y, at, width);
  return out;
}

function resizeRows(pixels: Uint8Array, rows: number, columns: number, components: number, size: number): Uint8Array {
  const axis = bicubicWeights(columns, size);
  const out = new Uint8Array(rows * size * components);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < size; x++)
      for (let c = 0; c < components; c++)
        out[(y * size + x) * components + c] = weighted(pixels, axis, x, y * columns * components + c, components);
  return out;
}

/** Output pixel `n` of an axis that begins at `start` in `values`, `stride` apart. */
function weighted(values: Uint8Array, axis: FixedWeights, n: number, start: number, stride: number): number {
  let sum = 1 << (PRECISION_BITS - 1);
  for (let k = 0; k < axis.count[n]!; k++)
    sum += values[start + (axis.first[n]! + k) * stride]! * axis.weights[n * axis.widest + k]!;
  return Math.min(255, Math.max(0, sum >> PRECISION_BITS));
}

function bicubicWeights(length: number, size: number): FixedWeights {
  const axis = axisWeights(length, size, bicubic, 2);
  return { ...axis, weights: Int32Array.from(axis.weights, toFixed) };
}

/** Rounded away from 0. */
const toFixed = (weight: number): number => Math.trunc((weight < 0 ? -0.5 : 0.5) + weight * 2 ** PRECISION_BITS);

function bicubic(x: number): number {
  const a = -0.5;
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
}
