import { expect, it } from 'vitest';
import { smallestNumbers } from './smallestNumbers.ts';

it.each([
  [[0, 255], 'uint8'],
  [[-1, 127], 'int8'],
  [[0, 256], 'uint16'],
  [[-1, 128], 'int16'],
  [[-1024, 32_767], 'int16'],
  [[-1, 32_768], 'float32'],
  [[0, 65_536], 'float32'],
  [[0, 0.5, 3], 'float32'],
  [[0, NaN], 'float32'],
] as const)('%j become %s, with the same values', (values, type) => {
  for (const read of [values, Float32Array.from(values)]) {
    const smallest = smallestNumbers(read);
    expect(smallest.type).toBe(type);
    expect([...smallest.values]).toEqual([...values]);
  }
});

it('what is small enough is not copied', () => {
  const values = Int16Array.of(-1000, 3000);
  expect(smallestNumbers(values).values).toBe(values);
});
