import { expect, it } from 'vitest';
import { expectedDice } from './expectedDice.ts';

it('is near 1 where the model is sure, lower where it is not, 0 for an empty mask', () => {
  const sure = Float32Array.from([9, 9, -9, -9]);
  const unsure = Float32Array.from([0.2, 0.2, -0.2, -0.2]);
  expect(expectedDice(sure, 0)).toBeGreaterThan(0.99);
  expect(expectedDice(unsure, 0)).toBeLessThan(0.7);
  expect(expectedDice(Float32Array.from([-1, -2]), 0)).toBe(0);
});
