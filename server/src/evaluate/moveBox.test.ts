import type { Box } from '@ohif-medsam/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOX_MOVES, drawFor } from './moveBox.ts';

const size = { columns: 1024, rows: 512 };
const boxes = fc
  .tuple(fc.nat(900), fc.nat(450), fc.integer({ min: 2, max: 120 }), fc.integer({ min: 2, max: 60 }))
  .map(([x, y, width, height]): Box => [x, y, x + width - 1, y + height - 1]);
const draws = fc.string().map(drawFor);
const moveBy = (name: string) => {
  const found = BOX_MOVES.find((each) => each.name === name);
  if (!found) throw new RangeError(name);
  return found.move;
};

describe('moved boxes', () => {
  it('stay in the image, keep two pixels on each side, and are the same for the same object', () =>
    fc.assert(
      fc.property(boxes, fc.string(), (box, name) => {
        for (const { move } of BOX_MOVES) {
          const [x0, y0, x1, y1] = move(box, size, drawFor(name));
          expect(Math.min(x0, y0)).toBeGreaterThanOrEqual(0);
          expect(x1).toBeLessThan(size.columns);
          expect(y1).toBeLessThan(size.rows);
          expect(Math.min(x1 - x0, y1 - y0)).toBeGreaterThanOrEqual(1);
          expect(move(box, size, drawFor(name))).toEqual([x0, y0, x1, y1]);
        }
      }),
    ));

  it('go outward only, and no farther than was said at 1024 px of each axis', () =>
    fc.assert(
      fc.property(boxes, draws, fc.constantFrom(5, 10, 20), (box, draw, px) => {
        const widest = moveBy(`fixed${String(px)}`)(box, size, draw);
        const moved = moveBy(`outward${String(px)}`)(box, size, draw);
        for (const side of [0, 1] as const) {
          expect(moved[side]).toBeLessThanOrEqual(box[side]);
          expect(moved[side]).toBeGreaterThanOrEqual(widest[side]);
        }
        for (const side of [2, 3] as const) {
          expect(moved[side]).toBeGreaterThanOrEqual(box[side]);
          expect(moved[side]).toBeLessThanOrEqual(widest[side]);
        }
      }),
    ));

  it('inward leave a line that is one pixel wide as it is', () => {
    expect(moveBy('inward5%')([0, 100, 0, 199], size, [0, 0, 0, 0])).toEqual([0, 105, 0, 194]);
  });

  it.each([
    ['fixed10', [190, 95, 309, 204]],
    ['inward5%', [205, 105, 294, 194]],
    ['offCentre5%', [195, 105, 294, 204]],
  ])('%s', (name, expected) => {
    // 1024 px lie on 512 rows: 10 of them are 5.
    expect(moveBy(name)([200, 100, 299, 199], size, [0.1, 0.9, 0.5, 0.5])).toEqual(expected);
  });
});

it('draws every side anew for every object, from 0 to 1, evenly', () => {
  const draws = Array.from({ length: 2_000 }, (_, n) => drawFor(`set|image|${String(n)}`));
  for (const side of [0, 1, 2, 3] as const) {
    const values = draws.map((draw) => draw[side]);
    expect(new Set(values).size).toBeGreaterThan(1_990);
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0.5, 1);
    expect(values.filter((value) => value < 0.1).length).toBeGreaterThan(100);
  }
});
