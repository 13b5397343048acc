import { expect, it } from 'vitest';
import { fromCheckpoint, toCheckpoint } from './checkpoint.ts';
import { addSegment, ALICE, BOB, Desk, FRAMES, id, MODEL } from './fixtures/scene.ts';
import type { Operation } from './operations.ts';
import { unfinishedPropagations } from './unfinished.ts';

const [LOW, MID, HIGH] = FRAMES;
const SEGMENT = id(1);
const last = (n: number, masks: Record<string, readonly number[]>) =>
  ({
    kind: 'propagation',
    propagationId: id(n),
    segmentId: SEGMENT,
    plane: { axis: 'k', frame: MID },
    masks: Object.entries(masks).map(([frame, runs]) => ({ frame, runs })),
    algorithm: MODEL,
  }) as const satisfies Operation;
const part = (n: number, masks: Record<string, readonly number[]>): Operation => ({
  ...last(n, masks),
  unfinished: true,
});

it('[DOC-18] a propagation is unfinished until its last batch, and only as long as it stands', () => {
  const desk = new Desk();
  const left = () => unfinishedPropagations(fromCheckpoint(toCheckpoint(desk.state)));
  desk.apply(ALICE, addSegment(1));
  desk.apply(ALICE, part(40, { [LOW]: [0, 3] }));
  desk.apply(ALICE, part(40, { [HIGH]: [0, 2] }));
  const masks = [{ frame: LOW }, { frame: HIGH }];
  const plane = { axis: 'k', frame: MID };
  expect(left()).toMatchObject([{ propagationId: id(40), segmentId: SEGMENT, plane, masks }]);
  const { cells } = desk.snapshot;
  desk.apply(ALICE, last(40, {}));
  expect(left()).toEqual([]);
  expect(desk.snapshot).toMatchObject({ cells, history: { [ALICE.id]: { undo: 2, redo: 0 } } });

  desk.apply(ALICE, part(41, { [LOW]: [0, 3] }));
  expect(left()).toHaveLength(1);
  desk.undo(ALICE);
  expect(left()).toEqual([]);

  desk.apply(ALICE, part(42, { [LOW]: [0, 3] }));
  desk.apply(BOB, last(43, { [LOW]: [0, 4] }));
  expect(left()).toEqual([]);
});
