import type { Box } from '@ohif-medsam/protocol';
import { describe, expect, it } from 'vitest';
import { boxToCorrect, corrected } from './corrections.ts';
import { INITIAL_STATE, type SessionState } from './state.ts';

const plane = { axis: 'k', frame: '1.1/1' } as const;
const elsewhere = { axis: 'k', frame: '1.2/1' } as const;
const BOX: Box = [10, 10, 20, 30];
const placed = { plane, box: BOX };

/** Boxes of one's own whose masks have not come yet, oldest first. */
const withBoxes = (boxes: Record<string, { plane: typeof plane | typeof elsewhere; box: Box }>): SessionState => ({
  ...INITIAL_STATE,
  waiting: new Map(Object.entries(boxes)),
});

describe('a click that corrects', () => {
  it('[CC1] is about the nearest box of the plane, of two that hold it the newer', () => {
    const state = withBoxes({
      old: placed,
      new: { plane, box: [15, 15, 40, 40] },
      other: { plane: elsewhere, box: [60, 60, 90, 90] },
    });
    const about = (x: number, y: number) => boxToCorrect(state, plane, [x, y])?.id;
    expect([about(12, 12), about(18, 18), about(39, 39), about(8, 9), about(80, 80)]).toEqual([
      'old',
      'new',
      'new',
      'old',
      'new',
    ]);
    expect(boxToCorrect(withBoxes({}), plane, [12, 12])).toBeUndefined();
  });

  it('[CC2] comes to those of before; the same pixel clicked otherwise is only what was said last', () => {
    const once = corrected(placed, [12, 13], 'inside');
    expect(once).toEqual({ ...placed, points: { inside: [[12, 13]], outside: [] } });
    const twice = corrected(once, [11, 11], 'outside');
    expect(twice.points).toEqual({ inside: [[12, 13]], outside: [[11, 11]] });
    expect(corrected(twice, [12, 13], 'outside').points).toEqual({
      inside: [],
      outside: [
        [11, 11],
        [12, 13],
      ],
    });
    expect(corrected(twice, [12, 13], 'inside').points).toEqual(twice.points);
  });

  it('[CC3] beyond the box, on the object, has it reach as far on the other side of the click; beside the object it stays', () => {
    const reached = (x: number, y: number) => corrected(placed, [x, y], 'inside').box;
    expect(reached(15, 20)).toEqual(BOX);
    expect(reached(25, 20)).toEqual([10, 10, 30, 30]);
    expect(reached(7, 34)).toEqual([4, 10, 20, 38]);
    expect(reached(15, 6)).toEqual([10, 2, 20, 30]);
    expect(corrected(placed, [25, 20], 'outside').box).toEqual(BOX);
  });
});
