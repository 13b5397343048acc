import { boxOfRuns, countPixels, dice, encodeRuns, type Box } from '@ohif-medsam/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inscribedEllipse, otsuInBox } from './baselines.ts';

const [COLUMNS, ROWS] = [50, 40];

const boxes = fc
  .tuple(
    fc.integer({ min: 0, max: 38 }),
    fc.integer({ min: 0, max: 28 }),
    fc.integer({ min: 4, max: 11 }),
    fc.integer({ min: 4, max: 11 }),
  )
  .map(([x, y, width, height]): Box => [x, y, x + width, y + height]);

describe('inscribedEllipse', () => {
  it('touches all four sides of its box and covers pi/4 of it', () => {
    fc.assert(
      fc.property(boxes, (box) => {
        const ellipse = inscribedEllipse(box, COLUMNS, ROWS);
        expect(boxOfRuns(ellipse, COLUMNS)).toEqual(box);
        const area = (box[2] + 1 - box[0]) * (box[3] + 1 - box[1]);
        expect(Math.abs(countPixels(ellipse) / area - Math.PI / 4)).toBeLessThan(0.12);
      }),
    );
  });
});

describe('otsuInBox', () => {
  /** An ellipse of one grey on another, both of an image of one or three components. */
  const picture = (box: Box, inside: number, outside: number, components: 1 | 3) => {
    const truth = inscribedEllipse(box, COLUMNS, ROWS);
    const grey = new Uint8Array(COLUMNS * ROWS).fill(outside);
    for (let n = 0; n < truth.length; n += 2) grey.fill(inside, truth[n], truth[n]! + truth[n + 1]!);
    const pixels =
      components === 1 ? grey : Uint8Array.from(Array.from(grey).flatMap((value) => [value, value, value]));
    return { truth, image: { key: 'two greys', columns: COLUMNS, rows: ROWS, components, pixels } };
  };

  it('finds what differs from the rest of its box, bright or dark, grey or colour', () => {
    fc.assert(
      fc.property(boxes, fc.boolean(), fc.constantFrom(1 as const, 3 as const), (box, bright, components) => {
        const { truth, image } = picture(box, bright ? 200 : 50, bright ? 50 : 200, components);
        expect(dice(otsuInBox(image, box), truth)).toBe(1);
      }),
    );
  });

  it('is the whole box where all is of one grey', () => {
    const { image } = picture([10, 10, 20, 20], 80, 80, 1);
    const box: Box = [10, 10, 20, 20];
    const whole = new Uint8Array(COLUMNS * ROWS);
    for (let y = 10; y <= 20; y++) whole.fill(1, y * COLUMNS + 10, y * COLUMNS + 21);
    expect(otsuInBox(image, box)).toEqual(encodeRuns(whole));
  });
});
