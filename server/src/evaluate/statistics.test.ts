import fc from 'fast-check';
import { expect, it } from 'vitest';
import { correlation } from './statistics.ts';

const values = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 5, maxLength: 30 });

it('is 1 on a rising line, -1 on a falling one, whatever its slope', () =>
  fc.assert(
    fc.property(values, fc.double({ min: 0.1, max: 9, noNaN: true }), (xs, slope) => {
      fc.pre(Math.max(...xs) - Math.min(...xs) > 0.1);
      expect(correlation(xs.map((x) => [x, slope * x + 3]))).toBe(1);
      expect(correlation(xs.map((x) => [x, 3 - slope * x]))).toBe(-1);
    }),
  ));

it('is what numpy.corrcoef says of some points', () => {
  const points = [[0.1, 0.4], [0.5, 0.3], [0.7, 0.9], [0.9, 0.6]] as const; // prettier-ignore
  expect(correlation(points)).toBe(0.5533);
});

it('says nothing where one side does not vary', () => {
  expect(correlation([[0.3, 1], [0.3, 2], [0.3, 5]])).toBeNull(); // prettier-ignore
  expect(correlation([[0.3, 1]])).toBeNull();
  expect(correlation([])).toBeNull();
});
