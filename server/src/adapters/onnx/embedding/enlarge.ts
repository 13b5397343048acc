/**
 * Bilinear resampling of logits to the image, as `torch.nn.functional.interpolate(mode='bilinear', align_corners=False)` does it
 * with float32.
 */
import type { Runs } from '@ohif-medsam/protocol';

const { fround } = Math;

/** Numbers of which only the upper left part counts. */
export interface Part {
  /** Row-major, `stride` from row to row. */
  readonly data: Float32Array;
  readonly stride: number;
  readonly columns: number;
  readonly rows: number;
}

/** The two neighbours of each output pixel of an axis, and the weight of the second. */
function neighbours(length: number, size: number) {
  const scale = fround(length / size);
  const axis = { lower: new Int32Array(size), upper: new Int32Array(size), weight: new Float32Array(size) };
  for (let n = 0; n < size; n++) {
    const at = Math.max(0, fround(scale * (n + 0.5) - 0.5));
    const lower = Math.min(Math.floor(at), length - 1);
    axis.lower[n] = lower;
    axis.upper[n] = Math.min(lower + 1, length - 1);
    axis.weight[n] = Math.min(Math.max(at - lower, 0), 1);
  }
  return axis;
}

/**
 * @param isInside - Of a number after resampling.
 * @returns The mask over an image of `columns` x `rows` pixels that the part fills.
 */
export function maskOf(part: Part, columns: number, rows: number, isInside: (value: number) => boolean): Runs {
  const { data, stride } = part;
  const across = neighbours(part.columns, columns);
  const down = neighbours(part.rows, rows);
  const line = new Float32Array(part.columns);
  const runs: number[] = [];
  for (let y = 0; y < rows; y++) {
    const [above, below] = [down.lower[y]! * stride, down.upper[y]! * stride];
    const lower = down.weight[y]!;
    for (let x = 0; x < part.columns; x++) line[x] = data[above + x]! * (1 - lower) + data[below + x]! * lower;
    for (let x = 0; x < columns; x++) {
      const right = across.weight[x]!;
      const value = fround(line[across.lower[x]!]! * (1 - right) + line[across.upper[x]!]! * right);
      if (isInside(value)) pushPixel(runs, y * columns + x);
    }
  }
  return runs;
}

function pushPixel(runs: number[], pixel: number): void {
  const last = runs.length - 2;
  if (last >= 0 && runs[last]! + runs[last + 1]! === pixel) runs[last + 1]! += 1;
  else runs.push(pixel, 1);
}

/** float32 of float32. */
export const sigmoid = (logit: number): number => fround(1 / (1 + Math.exp(-logit)));
