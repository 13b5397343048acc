import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignSlots, MOST_SEGMENTS, type Slots } from './slots.ts';

/** A document's life: each step adds segments with new numbers, then some of those that are there go. */
const anyLife = fc.array(fc.record({ added: fc.nat(60), gone: fc.array(fc.nat(), { maxLength: 60 }) }), {
  maxLength: 10,
});

describe('labels of segments', () => {
  it('[SL1] are of one segment each, fit a byte beside the preview of the brush, and stay while their segment lives', () =>
    fc.assert(
      fc.property(anyLife, (life) => {
        let slots: Slots = new Map();
        let segments: { id: string; number: number }[] = [];
        let number = 0;
        for (const { added, gone } of life) {
          for (let n = 0; n < added; n++) segments.push({ id: `s${String(++number)}`, number });
          segments = segments.filter((_, at) => !gone.includes(at));
          const before = slots;
          slots = assignSlots(before, segments);
          const used = [...slots.values()];
          expect(new Set(used).size).toBe(used.length);
          expect(used.every((slot) => slot >= 1 && slot <= MOST_SEGMENTS)).toBe(true);
          expect(slots.size).toBe(Math.min(segments.length, MOST_SEGMENTS));
          for (const [id, slot] of slots) expect(before.get(id) ?? slot).toBe(slot);
        }
      }),
      { numRuns: 40 },
    ));

  it('[SL2] are the numbers of the segments as long as those fit', () =>
    expect([
      ...assignSlots(
        new Map(),
        [1, 3, 254, 255].map((number) => ({ id: `s${String(number)}`, number })),
      ),
    ]).toEqual([
      ['s1', 1],
      ['s3', 3],
      ['s254', 254],
      ['s255', 2],
    ]));
});
