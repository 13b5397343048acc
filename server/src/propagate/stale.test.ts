import { describe, expect, it } from 'vitest';
import { planeKeyOf, type Plane, type StopReason } from '@ohif-medsam/protocol';
import { planesWithout, staleMasks } from './stale.ts';

const plane = (n: number): Plane => ({ axis: 'k', frame: `1.${String(n)}/1` });
const ahead = [1, 2, 3, 4, 5, 6, 7, 8].map(plane);
const without = (found: readonly number[], reason: StopReason, anchors: readonly number[] = []) => {
  const keys = new Set(found.map((n) => planeKeyOf(plane(n))));
  const leading = new Set(anchors.map((n) => planeKeyOf(plane(n))));
  const planes = planesWithout(ahead, keys, reason, (at) => leading.has(planeKeyOf(at)));
  return planes.map((at) => ahead.map(planeKeyOf).indexOf(planeKeyOf(at)) + 1);
};

describe('planes without the object', () => {
  it('are those that were left out, and all beyond its end', () =>
    expect(without([1, 3, 4], 'object-ended')).toEqual([2, 5, 6, 7, 8]));
  it('end at the next anchor, which is not one of them', () =>
    expect(without([1, 2], 'object-lost', [6])).toEqual([3, 4, 5]));
  it('are all of the way where it found nothing', () =>
    expect(without([], 'object-ended')).toEqual([1, 2, 3, 4, 5, 6, 7, 8]));
  it('go on beyond an anchor that it passed', () =>
    expect(without([1, 2, 4], 'object-ended', [3, 7])).toEqual([3, 5, 6]));
  it.each(['cancelled', 'failed', 'slice-missing'] as const)('are not known beyond where it was %s', (reason) =>
    expect(without([1, 3], reason)).toEqual([2]),
  );
});

const series = { frameKeys: ahead.map((at) => (at.axis === 'k' ? at.frame : '')), columns: 10, rows: 4 };
const on = (n: number, ...runs: number[]) => ({ frame: series.frameKeys[n - 1] ?? '', runs });

describe('what older propagations left', () => {
  it('goes where they show the same object, and stays where they show another', () => {
    const same = { plane: plane(1), masks: [on(2, 0, 5), on(5, 0, 4), on(6, 0, 3)] };
    const other = { plane: plane(8), masks: [on(2, 20, 5), on(5, 20, 4)] };
    const seen = [{ plane: plane(2), runs: [2, 4] }];
    expect(staleMasks([5, 6, 7].map(plane), seen, [same, other], series)).toEqual([
      { plane: plane(5), masks: [on(5, 0, 4)] },
      { plane: plane(6), masks: [on(6, 0, 3)] },
    ]);
  });

  it('goes when they went out from a plane that the newer one found', () => {
    const older = { plane: plane(3), masks: [on(5, 0, 4)] };
    const seen = [1, 2, 3].map((n) => ({ plane: plane(n), runs: [0, 2] }));
    expect(staleMasks([plane(5)], seen, [older], series)).toEqual([{ plane: plane(5), masks: [on(5, 0, 4)] }]);
  });

  it('goes column by column where planes cross the frames', () => {
    const column = (index: number): Plane => ({ axis: 'i', index });
    // Columns 3, 4 and 5 of two rows of two frames.
    const older = { plane: column(2), masks: [on(2, 3, 3, 13, 3), on(3, 3, 3)] };
    const [cleared] = staleMasks([column(5)], [{ plane: column(3), runs: [4, 2] }], [older], series);
    expect(cleared).toEqual({ plane: column(5), masks: [on(2, 5, 1, 15, 1), on(3, 5, 1)] });
  });
});
