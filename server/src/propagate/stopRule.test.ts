import { encodeRuns } from '@ohif-medsam/protocol';
import { describe, expect, it } from 'vitest';
import { stopReason, type Finding } from './stopRule.ts';

const side = 60;
const disc = (
  radius: number,
  [x, y]: readonly [number, number] = [30, 30],
  changes: Partial<Finding> = {},
): Finding => ({
  runs: encodeRuns(
    Uint8Array.from({ length: side * side }, (_, at) =>
      Math.hypot((at % side) - x, Math.floor(at / side) - y) <= radius ? 1 : 0,
    ),
  ),
  score: 0.9,
  separation: 4,
  ...changes,
});

describe('an object', () => {
  const object = disc(12);
  it.each([
    ['goes on', disc(12), undefined],
    ['may grow, shrink and move a little', disc(14, [33, 31]), undefined],
    ['has ended where nothing is found', { ...object, runs: [] }, 'object-ended'],
    ['has ended where a few pixels of noise are found', disc(1), 'object-ended'],
    ['is lost where the mask suddenly is much larger', disc(28), 'object-lost'],
    ['is lost where it suddenly is much smaller', disc(4), 'object-lost'],
    ['is lost where the mask is somewhere else', disc(12, [52, 30]), 'object-lost'],
    ['is lost where the model doubts', { ...object, score: 0.3 }, 'object-lost'],
    ['has ended where the mask outlines nothing that looks like it', { ...object, separation: 0.5 }, 'object-ended'],
  ] as const)('%s', (_, next, reason) => {
    expect(stopReason(object, object, next)).toBe(reason);
  });

  it('that hardly differs from its surroundings is held to no more than that', () => {
    expect(stopReason({ ...object, separation: 0.5 }, object, { ...object, separation: 0.2 })).toBeUndefined();
  });

  it('drawn by a person has no score, and needs none', () => {
    const { runs, separation } = object;
    expect(stopReason({ runs, separation }, { runs, separation }, object)).toBeUndefined();
  });
});
