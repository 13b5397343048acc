import { describe, expect, it } from 'vitest';
import { isPainted } from './isPainted.ts';

/** Labels of a frame, at an offset of a larger buffer that holds other labels too, as the slices of a volume do. */
function labelsAt(offset: number, length: number, painted: readonly number[] = []): Uint8Array {
  const labels = new Uint8Array(new Uint8Array(offset + length + 8).fill(9).buffer, offset, length).fill(0);
  for (const at of painted) labels[at] = 1;
  return labels;
}

describe('whether a frame was painted', () => {
  for (const length of [1, 3, 4, 7, 9, 16])
    for (const [offset, writtenOffset] of [
      [0, 0],
      [0, 3],
      [5, 0],
      [5, 5],
    ] as const) {
      it(`[PF1] ${String(length)} labels at ${String(offset)}, written at ${String(writtenOffset)}: every pixel counts, and no other`, () => {
        const written = labelsAt(writtenOffset, length, [0]);
        expect(isPainted(labelsAt(offset, length))).toBe(false);
        expect(isPainted(labelsAt(offset, length, [0]), written)).toBe(false);
        for (let at = 0; at < length; at++) {
          expect(isPainted(labelsAt(offset, length, [at]))).toBe(true);
          expect(isPainted(labelsAt(offset, length, [at]), written)).toBe(at !== 0);
        }
      });
    }
});
