import { encodeRuns } from '@ohif-medsam/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packMasks, unpackMask } from './pixelBits.ts';

const anyMasks = fc
  .record({ pixels: fc.integer({ min: 1, max: 90 }), frames: fc.integer({ min: 1, max: 5 }) })
  .chain(({ pixels, frames }) =>
    fc.record({
      pixels: fc.constant(pixels),
      masks: fc.array(
        fc.array(fc.constantFrom(0, 1), { minLength: pixels, maxLength: pixels }).map((bits) => Uint8Array.from(bits)),
        { minLength: frames, maxLength: frames },
      ),
    }),
  );

it('gives every mask back, also where frames do not end on a byte', () => {
  fc.assert(
    fc.property(anyMasks, ({ pixels, masks }) => {
      const runs = masks.map(encodeRuns);
      const bits = packMasks(runs, pixels);
      expect(masks.map((_, frame) => unpackMask(bits, frame, pixels))).toEqual(runs);
    }),
  );
});

it('puts the first pixel into the lowest bit and lets the second frame follow without a gap', () => {
  // Two frames of 3 pixels: 1 0 1, 1 1 0.
  expect([
    ...packMasks(
      [
        [0, 1, 2, 1],
        [0, 2],
      ],
      3,
    ),
  ]).toEqual([0b011101]);
});

it('refuses a run that reaches into the next frame', () => {
  expect(() => packMasks([[2, 2]], 3)).toThrow(RangeError);
});
