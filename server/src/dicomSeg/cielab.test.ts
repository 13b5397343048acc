import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dicomLabToRgb, rgbToDicomLab } from './cielab.ts';

const byte = fc.integer({ min: 0, max: 255 });

it('gives every colour back', () => {
  fc.assert(
    fc.property(fc.tuple(byte, byte, byte), (rgb) => {
      expect(dicomLabToRgb(rgbToDicomLab(rgb))).toEqual(rgb);
    }),
  );
});

it('codes black, white and a neutral grey as the standard does', () => {
  expect(rgbToDicomLab([0, 0, 0])).toEqual([0, 32_896, 32_896]);
  const [white, a, b] = rgbToDicomLab([255, 255, 255]);
  expect(white).toBe(65_535);
  expect(Math.max(Math.abs(a - 32_896), Math.abs(b - 32_896))).toBeLessThan(20);
});
