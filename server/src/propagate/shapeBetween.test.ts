import { countPixels, dice, encodeRuns, sameRuns, type Runs } from '@ohif-medsam/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shapeBetween } from './shapeBetween.ts';

const size = { columns: 80, rows: 60 };
const shape = (isInside: (x: number, y: number) => boolean): Runs =>
  encodeRuns(
    Uint8Array.from({ length: size.columns * size.rows }, (_, at) =>
      isInside(at % size.columns, Math.floor(at / size.columns)) ? 1 : 0,
    ),
  );
const disc = (cx: number, cy: number, radius: number) => shape((x, y) => Math.hypot(x - cx, y - cy) <= radius);

describe('the shape between', () => {
  it('a disc and a larger one elsewhere is a disc of the size between, half-way', () => {
    const between = shapeBetween(disc(20, 20, 6), disc(50, 40, 14), 0.5, size);
    expect(dice(between, disc(35, 30, 10))).toBeGreaterThan(0.96);
  });

  it('goes from the one to the other', () => {
    const [a, b] = [disc(25, 30, 8), shape((x, y) => Math.abs(x - 40) < 12 && Math.abs(y - 30) < 5)];
    expect(sameRuns(shapeBetween(a, b, 0, size), a)).toBe(true);
    expect(sameRuns(shapeBetween(a, b, 1, size), b)).toBe(true);
    const shares = [0, 0.25, 0.5, 0.75, 1].map((share) => dice(shapeBetween(a, b, share, size), b));
    expect([...shares].sort((x, y) => x - y)).toEqual(shares);
  });

  it('two equal masks is that mask', () => {
    const anyMask = fc
      .uint8Array({ minLength: 35, maxLength: 35, max: 1 })
      .filter((mask) => mask.includes(1))
      .map(encodeRuns);
    fc.assert(
      fc.property(anyMask, fc.double({ min: 0, max: 1, noNaN: true }), (mask, share) => {
        expect([...shapeBetween(mask, mask, share, { columns: 7, rows: 5 })]).toEqual([...mask]);
      }),
    );
  });

  it('one spot and two apart is never nothing, but the nearer one', () => {
    const [two, one] = [shape((x, y) => y === 30 && (x === 20 || x === 60)), disc(40, 30, 2)];
    expect(shapeBetween(two, one, 0.4, size)).toEqual(two);
    expect(shapeBetween(two, one, 0.6, size)).toEqual(one);
  });

  it('stays in the image', () => {
    const between = shapeBetween(disc(0, 0, 9), disc(79, 59, 9), 0.05, size);
    expect(countPixels(between)).toBeGreaterThan(0);
  });
});
