import { describe, expect, it } from 'vitest';
import type { SeriesFrame } from '../messages/series.ts';
import type { Plane } from './plane.ts';
import { planePositionsMm } from './planePositions.ts';

/** Oblique: columns run along x, rows between y and z, so that slices lie along their normal only, not along any axis. */
const [c, s] = [Math.cos(0.4), Math.sin(0.4)];
const normal = [0, -s, c] as const;
const framesAt = (...positions: number[]): SeriesFrame[] =>
  positions.map((mm, n) => ({
    sopInstanceUid: `1.2.${String(n)}`,
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    frameNumber: 1,
    rows: 40,
    columns: 30,
    position: [5, normal[1] * mm + 7 * c, normal[2] * mm + 7 * s] as const,
    orientation: [1, 0, 0, 0, c, s] as const,
    pixelSpacing: [0.9, 0.5] as const,
  }));
const planeOf = (n: number): Plane => ({ axis: 'k', frame: `1.2.${String(n)}/1` });
const gaps = (positions: readonly (number | undefined)[]) =>
  positions.slice(1).map((mm, n) => Number(((mm ?? NaN) - (positions[n] ?? NaN)).toFixed(6)));

describe('planes along their axis', () => {
  it('frames lie where their headers say, with gaps and uneven spacing', () => {
    const frames = framesAt(0, 2, 4, 11, 12.5);
    expect(gaps(planePositionsMm([0, 1, 2, 3, 4].map(planeOf), [...frames].reverse()))).toEqual([2, 2, 7, 1.5]);
  });

  it('reformats lie as far apart as columns, or rows, do', () => {
    const at = (axis: 'i' | 'j') =>
      planePositionsMm(
        [3, 5, 6].map((index) => ({ axis, index })),
        framesAt(0, 2),
      );
    expect(gaps(at('i'))).toEqual([1, 0.5]);
    expect(gaps(at('j'))).toEqual([1.8, 0.9]);
  });

  it('without geometry nothing is known', () => {
    const frames = framesAt(0, 2).map(({ sopInstanceUid, sopClassUid, frameNumber, rows, columns }) => {
      return { sopInstanceUid, sopClassUid, frameNumber, rows, columns };
    });
    expect(planePositionsMm([planeOf(0), planeOf(1)], frames)).toEqual([undefined, undefined]);
    expect(planePositionsMm([{ axis: 'i', index: 3 }], frames)).toEqual([undefined]);
  });
});
