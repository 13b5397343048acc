import { hashed } from '../hashed.ts';
import type { Numbers } from '../tensors.ts';

/** @see models/README.md, golden inputs */
export const encoderGolden = (size: number): Record<string, Numbers> => ({ image: hashed([1, 3, size, size]) });

/** Two boxes, the first with a point and without a mask, the second the other way round. */
export function decoderGolden(size: number, channels: number, grid: number): Record<string, Numbers> {
  const eighths = (...values: number[]) => Float32Array.from(values, (value) => (value * size) / 8);
  return {
    embedding: hashed([1, channels, grid, grid], -1, 1),
    boxes: { data: eighths(2, 2, 6, 6, 1, 2, 4, 7), shape: [2, 4] },
    points: { data: eighths(4, 4, 2, 4), shape: [2, 1, 2] },
    labels: { data: Float32Array.of(1, -1), shape: [2, 1] },
    mask: hashed([2, 1, 4 * grid, 4 * grid], -8, 8),
    has_mask: { data: Float32Array.of(0, 1), shape: [2] },
  };
}
