import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areRuns, boxOfRuns, countPixels, decodeRuns, encodeRuns, forEachRun, type Runs } from './runs.ts';
import { intersect, sameRuns, subtract, union } from './sets.ts';

/** Odd sizes, so that rows never fall on round offsets. */
const [COLUMNS, ROWS] = [13, 7];
const PIXELS = COLUMNS * ROWS;
const anyMask = fc
  .array(fc.integer({ min: 0, max: 1 }), { minLength: PIXELS, maxLength: PIXELS })
  .map((bits) => Uint8Array.from(bits));
const anyRuns = anyMask.map(encodeRuns);
const combine = (a: Uint8Array, b: Uint8Array, inside: (a: number, b: number) => boolean) =>
  a.map((value, n) => Number(inside(value, b[n] ?? 0)));

describe('runs', () => {
  it('decoding undoes encoding', () => {
    fc.assert(fc.property(anyMask, (mask) => void expect(decodeRuns(encodeRuns(mask), PIXELS)).toEqual(mask)));
  });

  it('encoding gives the canonical form', () => {
    fc.assert(fc.property(anyRuns, (runs) => void expect(areRuns(runs, PIXELS)).toBe(true)));
  });

  it('are the only way to write a mask', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1, max: 15 }), { maxLength: 6 }), (numbers) => {
        if (areRuns(numbers, PIXELS)) expect(encodeRuns(decodeRuns(numbers, PIXELS))).toEqual(numbers);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each<[string, number[]]>([
    ['odd', [1]],
    ['negative', [-1, 2]],
    ['empty run', [3, 0]],
    ['touching', [0, 2, 2, 1]],
    ['overlapping', [0, 3, 2, 4]],
    ['descending', [5, 1, 0, 1]],
    ['over the end', [0, PIXELS + 1]],
    ['fraction', [0.5, 1]],
    ['NaN', [Number.NaN, 1]],
    ['infinite', [0, Number.POSITIVE_INFINITY]],
  ])('are not: %s', (_, numbers) => expect(areRuns(numbers, PIXELS)).toBe(false));

  it('take any value for the inside, and write any other', () => {
    expect(encodeRuns(Uint8Array.from([0, 7, 255, 0, 1]))).toEqual([1, 2, 4, 1]);
    expect([...decodeRuns([1, 2], 4, 9)]).toEqual([0, 9, 9, 0]);
  });

  it('refuse an image that is too small for them', () => {
    expect(() => decodeRuns([8, 3], 10)).toThrow(RangeError);
  });

  it('count pixels, and have the box that the pixels have', () => {
    fc.assert(
      fc.property(anyMask, (mask) => {
        const at = [...mask.keys()].filter((n) => mask[n]);
        const [xs, ys] = [at.map((n) => n % COLUMNS), at.map((n) => Math.floor(n / COLUMNS))];
        const box = at.length ? [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] : undefined;
        expect(countPixels(encodeRuns(mask))).toBe(at.length);
        expect(boxOfRuns(encodeRuns(mask), COLUMNS)).toEqual(box);
      }),
    );
  });

  it('are visited as half-open intervals', () => {
    const seen: Runs[] = [];
    forEachRun([2, 3, 9, 1], (...interval) => seen.push(interval));
    expect(seen).toEqual([
      [2, 5],
      [9, 10],
    ]);
  });
});

describe('sets of pixels', () => {
  it.each([
    ['union', union, (a: number, b: number) => a + b > 0],
    ['intersection', intersect, (a: number, b: number) => a + b === 2],
    ['difference', subtract, (a: number, b: number) => a > b],
  ] as const)('%s is that of the pixels, in canonical form', (_, operate, inside) => {
    fc.assert(
      fc.property(anyMask, anyMask, (a, b) => {
        const result = operate(encodeRuns(a), encodeRuns(b));
        expect(areRuns(result, PIXELS)).toBe(true);
        expect(decodeRuns(result, PIXELS)).toEqual(combine(a, b, inside));
      }),
    );
  });

  it('are the same only if all pixels are', () => {
    fc.assert(
      fc.property(anyRuns, anyRuns, (a, b) => {
        const different = countPixels(subtract(a, b)) + countPixels(subtract(b, a));
        expect(sameRuns(a, b)).toBe(different === 0);
        expect(sameRuns(a, [...a])).toBe(true);
      }),
    );
  });
});
