import { decodeRuns, type Runs } from '@ohif-medsam/protocol';
import { axisWeights } from './axisWeights.ts';

/**
 * A mask as the tracking model takes it: bilinear and antialiased, the sides apart, then cut at a half.
 * @param runs - Row-major over the image.
 * @returns [size, size] of 0 and 1, row-major.
 * @see add_new_mask of MedSAM2's SAM2VideoPredictorNPZ
 */
export function inputMask(runs: Runs, image: { readonly columns: number; readonly rows: number }, size: number) {
  const { columns, rows } = image;
  const whole = Float32Array.from(decodeRuns(runs, columns * rows));
  if (columns === size && rows === size) return whole;
  const across = axisWeights(columns, size, triangle, 1);
  const narrow = new Float32Array(rows * size);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < size; x++) {
      let sum = 0;
      for (let k = 0; k < across.count[x]!; k++)
        sum += whole[y * columns + across.first[x]! + k]! * across.weights[x * across.widest + k]!;
      narrow[y * size + x] = sum;
    }
  const down = axisWeights(rows, size, triangle, 1);
  const mask = new Float32Array(size * size);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      let sum = 0;
      for (let k = 0; k < down.count[y]!; k++)
        sum += narrow[(down.first[y]! + k) * size + x]! * down.weights[y * down.widest + k]!;
      mask[y * size + x] = sum >= 0.5 ? 1 : 0;
    }
  return mask;
}

const triangle = (x: number): number => Math.max(0, 1 - Math.abs(x));
