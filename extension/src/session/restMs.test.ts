import { expect, it } from 'vitest';
import { restMs } from './restMs.ts';

it('[PO4] the background works for its share of the time', () => {
  expect(restMs(40, 0.5)).toBe(40);
  expect(restMs(40, 0.25)).toBe(120);
  expect(restMs(40, 1)).toBe(0);
});
