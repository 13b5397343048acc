import { encodeRuns } from '@ohif-medsam/protocol';
import { describe, expect, it } from 'vitest';
import { GOOD_CHANGE } from './fixtures/goodChange.ts';
import { changeOf, STOP, stopReason, stopRuleFor, type Finding } from './stopRule.ts';

const side = 60;
const [INSIDE, AROUND] = [180, 60];

/** A bright disc, found as it is. */
const disc = (
  radius: number,
  [x, y]: readonly [number, number] = [30, 30],
  changes: Partial<Finding> & { readonly inside?: number } = {},
): Finding => {
  const mask = Uint8Array.from({ length: side * side }, (_, at) =>
    Math.hypot((at % side) - x, Math.floor(at / side) - y) <= radius ? 1 : 0,
  );
  const { inside = INSIDE, ...others } = changes;
  const pixels = mask.map((one) => (one ? inside : AROUND));
  const image = { key: 'disc', columns: side, rows: side, components: 1, pixels } as const;
  return { image, runs: encodeRuns(mask), score: 0.9, separation: 4, ...others };
};

describe('an object', () => {
  const object = disc(12);
  it.each([
    ['goes on', disc(12), undefined],
    ['may grow, shrink and move a little', disc(14, [33, 31]), undefined],
    ['may move a lot, as in a thick slice', disc(12, [48, 30]), undefined],
    ['has ended where nothing is found', { ...object, runs: [] }, 'object-ended'],
    ['has ended where a few pixels of noise are found', disc(1), 'object-ended'],
    ['is lost where the mask suddenly is much larger', disc(28), 'object-lost'],
    ['is lost where the model doubts', { ...object, score: 0.1 }, 'object-lost'],
    ['has ended where the mask outlines nothing that looks like it', { ...object, separation: 0.5 }, 'object-ended'],
  ] as const)('%s', (_, next, reason) => {
    expect(stopReason(changeOf(object, object, next))).toBe(reason);
  });

  it('that hardly differs from its surroundings is held to no more than that', () => {
    const faint = { ...object, separation: 0.5 };
    expect(stopReason(changeOf(faint, object, { ...object, separation: 0.3 }))).toBeUndefined();
  });

  it('drawn by a person has no score, and needs none', () => {
    const { runs, image, separation } = object;
    const drawn = { runs, image, separation };
    expect(stopReason(changeOf(drawn, drawn, object))).toBeUndefined();
  });
});

describe('from one plane to the next', () => {
  const object = disc(12);
  it('the area is a share of the one before', () => {
    expect(changeOf(object, disc(12), disc(6)).growth).toBeCloseTo(0.25, 1);
  });

  it('shared is what a mask shares with the one before, wherever that lies', () => {
    expect(changeOf(object, object, disc(12, [40, 22])).overlap).toBeCloseTo(1, 5);
    const bar = encodeRuns(Uint8Array.from({ length: side * side }, (_, at) => (Math.floor(at / side) === 30 ? 1 : 0)));
    expect(changeOf(object, object, { ...object, runs: bar }).overlap).toBeLessThan(0.5);
  });

  it('brightness counts in deviations of the plane before, four grey levels at least', () => {
    expect(changeOf(object, object, disc(12, [30, 30], { inside: INSIDE + 20 })).brightness).toBeCloseTo(5, 5);
  });

  it('a mask touches its box where it reaches the outline', () => {
    const whole = disc(12, [30, 30], { box: [17, 17, 43, 43] });
    expect(changeOf(object, object, whole).border).toBe(0);
    const cut = disc(12, [30, 30], { box: [30, 10, 50, 50] });
    // 25 pixels of the left side, of 2 x 21 + 2 x 41 around.
    expect(changeOf(object, object, cut).border).toBeCloseTo(25 / 124, 5);
  });
});

it('any limit that is crossed ends a propagation, and none that is not', () => {
  const strict = {
    ...STOP,
    score: 0.5,
    shortfall: 0.5,
    growth: 2,
    shrinkage: 0.5,
    overlap: 0.5,
    separation: 0.5,
    brightness: 2,
    border: 0.5,
  };
  expect(stopReason(GOOD_CHANGE, strict)).toBeUndefined();
  const crossed = [
    { pixels: 2 },
    { score: 0.4 },
    { shortfall: 0.6 },
    { growth: 3 },
    { growth: 0.4 },
    { overlap: 0.4 },
    { separation: 0.4 },
  ];
  for (const one of [...crossed, { brightness: 3 }, { border: 0.6 }])
    expect(stopReason({ ...GOOD_CHANGE, ...one }, strict), JSON.stringify(one)).toBeDefined();
});

it('of a model that never learned what its score means, none is added to another', () => {
  const plane = { axis: 'k', frame: '1.2.3/1' } as const;
  const tired = { ...GOOD_CHANGE, shortfall: 5 };
  expect(stopRuleFor(true)(tired, plane)).toBe('object-lost');
  expect(stopRuleFor(false)(tired, plane)).toBeUndefined();
  expect(stopRuleFor(false)({ ...tired, score: 0.1 }, plane)).toBe('object-lost');
});
