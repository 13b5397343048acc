import { decodeRuns, encodeRuns, planeMaskToFrames, planeSize, type Plane, type Runs } from '@ohif-medsam/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planeMaskOf } from './planeMask.ts';

/** Anisotropic on purpose: a swapped axis shows. */
const volumes = fc
  .record({
    columns: fc.integer({ min: 1, max: 7 }),
    rows: fc.integer({ min: 1, max: 5 }),
    frames: fc.integer({ min: 1, max: 4 }),
  })
  .chain((size) => {
    const count = size.columns * size.rows * size.frames;
    const plane: fc.Arbitrary<Plane> = fc.oneof(
      fc.nat(size.columns - 1).map((index) => ({ axis: 'i' as const, index })),
      fc.nat(size.rows - 1).map((index) => ({ axis: 'j' as const, index })),
      fc.nat(size.frames - 1).map((k) => ({ axis: 'k' as const, frame: `1.${String(k)}/1` })),
    );
    return fc.record({
      size: fc.constant(size),
      plane,
      voxels: fc.uint8Array({ minLength: count, maxLength: count, max: 1 }),
    });
  });
const framesOf = ({ frames }: { frames: number }) => Array.from({ length: frames }, (_, k) => `1.${String(k)}/1`);

it('[PM1] shows voxel (i, j, k) where the plane has it', () =>
  fc.assert(
    fc.property(volumes, ({ size, plane, voxels }) => {
      const perFrame = size.columns * size.rows;
      const frames = framesOf(size);
      const runsOf = (frame: string): Runs =>
        encodeRuns(voxels.subarray(frames.indexOf(frame) * perFrame, (frames.indexOf(frame) + 1) * perFrame));
      const { columns, rows } = planeSize(plane, size);
      const mask = decodeRuns(planeMaskOf(plane, runsOf, frames, size), columns * rows);
      const at = (x: number, y: number): readonly [i: number, j: number, k: number] => {
        if (plane.axis === 'k') return [x, y, frames.indexOf(plane.frame)];
        return plane.axis === 'i' ? [plane.index, x, y] : [x, plane.index, y];
      };
      for (let y = 0; y < rows; y++)
        for (let x = 0; x < columns; x++) {
          const [i, j, k] = at(x, y);
          expect(mask[y * columns + x]).toBe(voxels[k * perFrame + j * size.columns + i]);
        }
    }),
  ));

it('[PM2] undoes planeMaskToFrames', () =>
  fc.assert(
    fc.property(volumes, fc.infiniteStream(fc.boolean()), ({ size, plane }, bits) => {
      const frames = framesOf(size);
      const { columns, rows } = planeSize(plane, size);
      const runs = encodeRuns(Uint8Array.from({ length: columns * rows }, () => (bits.next().value ? 1 : 0)));
      const parts = new Map(planeMaskToFrames(plane, runs, frames, size).map((part) => [part.frame, part.runs]));
      expect(planeMaskOf(plane, (frame) => parts.get(frame), frames, size)).toEqual(runs);
    }),
  ));
