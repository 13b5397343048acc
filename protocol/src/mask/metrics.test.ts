import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import cases from './fixtures/metrics.json' with { type: 'json' };
import { dice, surfaceDice } from './metrics.ts';
import { encodeRuns } from './runs.ts';

const COLUMNS = 12;
const ROWS = 9;

const anyMask = fc
  .uint8Array({ minLength: COLUMNS * ROWS, maxLength: COLUMNS * ROWS, max: 1 })
  .map((mask) => encodeRuns(mask));

/** A filled rectangle in an image of 40 x 30. */
function rectangle(x0: number, y0: number, x1: number, y1: number) {
  const mask = new Uint8Array(40 * 30);
  for (let y = y0; y <= y1; y++) mask.fill(1, y * 40 + x0, y * 40 + x1 + 1);
  return encodeRuns(mask);
}

describe('dice', () => {
  it('is 1 for equal masks, symmetric, and within 0 and 1', () => {
    fc.assert(fc.property(anyMask, (a) => void expect(dice(a, a)).toBe(1)));
    fc.assert(
      fc.property(anyMask, anyMask, (a, b) => {
        expect(dice(a, b)).toBe(dice(b, a));
        expect(dice(a, b)).toBeGreaterThanOrEqual(0);
        expect(dice(a, b)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is twice the overlap over the sum of the areas', () => {
    expect(dice([0, 4], [2, 4])).toBe(0.5);
    expect(dice([0, 4], [])).toBe(0);
    expect(dice([], [])).toBe(1);
  });
});

describe('surfaceDice', () => {
  it('is 1 for equal masks, symmetric, and grows with the tolerance', () => {
    fc.assert(fc.property(anyMask, (a) => void expect(surfaceDice(a, a, COLUMNS, ROWS)).toBe(1)));
    fc.assert(
      fc.property(anyMask, anyMask, (a, b) => {
        const [strict, usual, loose] = [0, 2, 5].map((tolerance) => surfaceDice(a, b, COLUMNS, ROWS, tolerance));
        expect(surfaceDice(b, a, COLUMNS, ROWS)).toBe(usual);
        expect(strict).toBeLessThanOrEqual(usual!);
        expect(usual).toBeLessThanOrEqual(loose!);
      }),
    );
  });

  it('forgives a shift of the tolerance and no more', () => {
    const truth = rectangle(10, 8, 24, 20);
    expect(surfaceDice(truth, rectangle(12, 8, 26, 20), 40, 30)).toBe(1);
    expect(surfaceDice(truth, rectangle(13, 8, 27, 20), 40, 30)).toBeLessThan(1);
  });

  it('counts the outline only: a filled and a hollow rectangle differ by the inner outline', () => {
    const filled = rectangle(5, 5, 30, 25);
    const hole = rectangle(15, 12, 20, 18);
    const hollow = encodeRuns(
      Uint8Array.from({ length: 40 * 30 }, (_, at) => (inside(filled, at) && !inside(hole, at) ? 1 : 0)),
    );
    const outer = 2 * (26 + 21) - 4;
    const inner = 2 * (6 + 7);
    expect(surfaceDice(filled, hollow, 40, 30)).toBeCloseTo((2 * outer) / (2 * outer + inner), 10);
  });

  it('is 0 when one mask is empty, 1 when both are', () => {
    expect(surfaceDice([], [3, 2], COLUMNS, ROWS)).toBe(0);
    expect(surfaceDice([], [], COLUMNS, ROWS)).toBe(1);
  });

  it('does not wrap from one edge of the image to the other', () => {
    expect(surfaceDice([COLUMNS - 1, 1], [COLUMNS, 1], COLUMNS, ROWS)).toBe(0);
  });
});

/** Made by tests/conformance/python/write_metrics.py. */
describe('against an independent implementation', () => {
  it.each(cases)('random masks: $kind, $size', ({ size, a, b, dice: expected, nsd }) => {
    const [columns = 0, rows = 0] = size;
    expect(dice(a, b)).toBeCloseTo(expected, 12);
    for (const { tolerance, value } of nsd) expect(surfaceDice(a, b, columns, rows, tolerance)).toBeCloseTo(value, 12);
  });

  it("is within 0.05 of the challenge's own measure, which weighs outlines by length, at its 2 px", () => {
    const objects = cases.filter(({ kind }) => kind === 'object');
    expect(objects.length).toBeGreaterThan(10);
    for (const { size, a, b, nsd } of objects) {
      const [columns = 0, rows = 0] = size;
      const challenge = nsd.find(({ tolerance }) => tolerance === 2)?.challenge ?? NaN;
      expect(Math.abs(surfaceDice(a, b, columns, rows) - challenge)).toBeLessThan(0.05);
    }
  });
});

function inside(runs: readonly number[], at: number): boolean {
  return runs.some((start, n) => n % 2 === 0 && at >= start && at < start + runs[n + 1]!);
}
