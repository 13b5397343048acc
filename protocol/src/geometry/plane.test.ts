import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areRuns, decodeRuns, encodeRuns } from '../mask/runs.ts';
import { boxProblem, clipBox, growBox, type Box } from './box.ts';
import { planeKeyOf, planeMaskToFrames, planeSize, type Plane } from './plane.ts';

/** No two sizes alike, so that a swapped axis shows. */
const size = { columns: 5, rows: 4, frames: 3 };
const frames = ['1.2.1/1', '1.2.2/1', '1.2.3/1'];

const anyPlane: fc.Arbitrary<Plane> = fc.oneof(
  fc.constantFrom(...frames).map((frame) => ({ axis: 'k', frame }) as const),
  fc.nat({ max: size.columns - 1 }).map((index) => ({ axis: 'i', index }) as const),
  fc.nat({ max: size.rows - 1 }).map((index) => ({ axis: 'j', index }) as const),
);

/** Voxel (i, j, k) of a pixel of a plane's image, by the definition of planes. */
function voxelOf(plane: Plane, x: number, y: number): [i: number, j: number, k: number] {
  if (plane.axis === 'k') return [x, y, frames.indexOf(plane.frame)];
  return plane.axis === 'i' ? [plane.index, x, y] : [x, plane.index, y];
}

describe('a mask drawn in a plane', () => {
  it('comes to the voxels that its pixels are, and to no others', () => {
    fc.assert(
      fc.property(anyPlane, fc.infiniteStream(fc.boolean()), (plane, bits) => {
        const { columns, rows } = planeSize(plane, size);
        const mask = Uint8Array.from({ length: columns * rows }, () => Number(bits.next().value));
        const expected = new Set<string>();
        mask.forEach((inside, n) => {
          if (inside) expected.add(voxelOf(plane, n % columns, Math.floor(n / columns)).join());
        });
        const found = new Set<string>();
        for (const { frame, runs } of planeMaskToFrames(plane, encodeRuns(mask), frames, size)) {
          expect(areRuns(runs, size.columns * size.rows)).toBe(true);
          expect(runs.length).toBeGreaterThan(0);
          decodeRuns(runs, size.columns * size.rows).forEach((inside, n) => {
            const [i, j, k] = [n % size.columns, Math.floor(n / size.columns), frames.indexOf(frame)];
            if (inside) found.add([i, j, k].join());
          });
        }
        expect(found).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('touches no frame if it is empty', () => {
    expect(planeMaskToFrames({ axis: 'k', frame: frames[0]! }, [], frames, size)).toEqual([]);
    expect(planeMaskToFrames({ axis: 'i', index: 1 }, [], frames, size)).toEqual([]);
  });
});

it('planes have names of their own', () => {
  const planes: Plane[] = [
    { axis: 'k', frame: '1.2/1' },
    { axis: 'k', frame: '1.2/2' },
    { axis: 'i', index: 1 },
    { axis: 'j', index: 1 },
    { axis: 'j', index: 11 },
  ];
  expect(new Set(planes.map(planeKeyOf)).size).toBe(planes.length);
});

describe('a box', () => {
  const image = { columns: 38, rows: 23 };

  it.each<[string, Box]>([
    ['inside', [3, 4, 10, 12]],
    ['as small as can be', [0, 0, 1, 1]],
    ['the whole image', [0, 0, 37, 22]],
    ['reaching over the edges', [-10, -10, 60, 60]],
    ['touching with its last pixel', [-5, -5, 0, 0]],
  ])('can be %s', (_, box) => expect(boxProblem(box, image)).toBeUndefined());

  it.each<[string, Box, RegExp]>([
    ['left of the image', [-9, 0, -1, 5], /outside the image of 38 x 23/],
    ['below the image', [0, 23, 5, 30], /outside/],
    ['inverted', [10, 4, 3, 12], /second corner/],
    ['one pixel wide', [5, 5, 5, 9], /1 x 5/],
    ['NaN', [0, Number.NaN, 5, 5], /numbers/],
    ['endless', [0, 0, Number.POSITIVE_INFINITY, 5], /numbers/],
  ])('cannot be %s', (_, box, says) => expect(boxProblem(box, image)).toMatch(says));

  it('is clipped to pixels of the image, and grows on all sides', () => {
    expect(clipBox([-3, 4, 99, 22], image)).toEqual([0, 4, 37, 22]);
    expect(growBox([3, 4, 5, 6], 2)).toEqual([1, 2, 7, 8]);
  });
});
