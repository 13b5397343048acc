import { EMPTY_RUNS, planeKeyOf } from '@ohif-medsam/protocol';
import { beforeEach, expect, it } from 'vitest';
import { addSegment, ALICE, BOB, Desk, FRAMES, id, MODEL } from './fixtures/scene.ts';
import type { Operation, PropagationOperation } from './operations.ts';

const [LOW, MID, HIGH] = FRAMES;
const on = (frame: string) => ({ axis: 'k', frame }) as const;

const edit = (frame: string, add: readonly number[]): Operation => ({
  kind: 'mask:edit',
  edits: [{ segmentId: id(1), frame, add: [...add], remove: EMPTY_RUNS }],
});
const box: Operation = {
  kind: 'prompt',
  promptId: id(30),
  segmentId: id(1),
  plane: on(MID),
  box: [0, 0, 3, 3],
  masks: [{ frame: MID, runs: [0, 3] }],
  algorithm: MODEL,
};
const propagation = (
  n: number,
  from: string,
  masks: Record<string, readonly number[]>,
  more: Partial<Pick<PropagationOperation, 'findings' | 'cleared'>> = {},
): Operation => ({
  kind: 'propagation',
  propagationId: id(n),
  segmentId: id(1),
  plane: on(from),
  masks: Object.entries(masks).map(([frame, runs]) => ({ frame, runs })),
  algorithm: MODEL,
  ...more,
});

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
  desk.apply(BOB, addSegment(1));
});
const maskIn = (frame: string) => desk.snapshot.cells.find((cell) => cell.frame === frame)?.runs ?? [];

it('[DOC-19] a box, a stroke and a propagation say so of their planes, and the last says how sure the model was', () => {
  const known = () => Object.fromEntries(desk.snapshot.provenance.map((one) => [planeKeyOf(one.plane), one]));
  const findings = [
    { plane: on(LOW), score: 0.7 },
    { plane: on(HIGH), doubt: 'bridged' as const },
  ];
  desk.apply(ALICE, box);
  desk.apply(ALICE, propagation(40, MID, { [LOW]: [0, 3], [HIGH]: [0, 3] }, { findings }));
  expect(known()).toMatchObject({
    [`k:${LOW}`]: { by: 'propagation', score: 0.7 },
    [`k:${MID}`]: { by: 'box' },
    [`k:${HIGH}`]: { by: 'propagation', doubt: 'bridged' },
  });
  desk.apply(BOB, edit(LOW, [7, 1]));
  expect(known()[`k:${LOW}`]).toEqual({ segmentId: id(1), plane: on(LOW), by: 'hand' });
  desk.undo(BOB);
  desk.undo(ALICE);
  expect(Object.keys(known())).toEqual([`k:${MID}`]);
});

it('[DOC-19] of two objects on one plane the less certain counts, of one object the newer', () => {
  const found = (n: number, from: string, runs: readonly number[], score: number) =>
    propagation(n, from, { [MID]: runs }, { findings: [{ plane: on(MID), score }] });
  const score = () => desk.snapshot.provenance.find(({ plane }) => planeKeyOf(plane) === `k:${MID}`)?.score;
  desk.apply(ALICE, found(40, LOW, [0, 3], 0.6));
  desk.apply(ALICE, found(41, HIGH, [10, 3], 0.9));
  expect(score()).toBe(0.6);
  desk.apply(BOB, found(42, LOW, [1, 3], 0.8));
  expect(score()).toBe(0.8);
});

it('[DOC-20] what an older propagation left beyond the end of a newer one goes with it, and comes back with its undo', () => {
  desk.apply(ALICE, propagation(40, LOW, { [MID]: [0, 3], [HIGH]: [0, 3, 10, 1] }));
  desk.apply(BOB, edit(HIGH, [15, 2]));
  const cleared = [{ plane: on(HIGH), masks: [{ frame: HIGH, runs: [0, 3] }] }];
  desk.apply(ALICE, propagation(41, MID, { [LOW]: [0, 2] }));
  desk.apply(ALICE, propagation(41, MID, {}, { cleared }));
  expect([maskIn(LOW), maskIn(HIGH)]).toEqual([
    [0, 2],
    [10, 1, 15, 2],
  ]);
  desk.undo(ALICE);
  expect([maskIn(LOW), maskIn(HIGH)]).toEqual([[], [0, 3, 10, 1, 15, 2]]);
  expect(desk.snapshot.history[ALICE.id]?.redo).toBe(1);
});

it('[DOC-13] [DOC-20] nothing is taken away outside of the series', () => {
  const outside = [{ plane: on(HIGH), masks: [{ frame: '1.2.99/1', runs: [0, 3] }] }];
  expect(() => desk.apply(ALICE, propagation(42, MID, {}, { cleared: outside }))).toThrow(
    expect.objectContaining({ code: 'operation-invalid' }),
  );
});
