import { parseFrameKey, type FrameKey, type Runs } from '@ohif-medsam/protocol';
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { keepDocuments } from './documents.ts';
import { addSegment, ALICE, COLUMNS, FRAMES, id, paint, promptOn, ROWS } from './fixtures/scene.ts';
import type { Operation } from './operations.ts';

const store = {
  load: () => Promise.resolve({ checkpoint: null, entries: [] }),
  append: () => Promise.resolve(),
  checkpoint: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
const seriesUid = '1.2.3';

const opened = async () => {
  const documents = keepDocuments({ store, clock: { now: () => new Date() }, uuid: randomUUID });
  const frames = FRAMES.map((key) => ({ ...parseFrameKey(key), columns: COLUMNS, rows: ROWS }));
  await documents.open({ seriesUid, frames });
  let step = 600;
  const apply = async (operation: Operation) => documents.apply(seriesUid, ALICE, id(step++), operation);
  await apply(addSegment(1));
  await apply(addSegment(2));
  const decided = (n: number) => {
    const now = documents.segmentNow(seriesUid, id(n));
    return FRAMES.filter((frame) => now.isDecided({ axis: 'k', frame }));
  };
  return {
    apply,
    decided,
    boxMask: (n: number, frame: FrameKey) => documents.boxMask(seriesUid, id(n), { axis: 'k', frame }),
    now: () => documents.segmentNow(seriesUid, id(1)),
    undo: () => documents.undo(seriesUid, ALICE, id(step++)),
  };
};

it('is decided by persons on the planes with a box or a stroke of it that stands', async () => {
  const { apply, decided, undo } = await opened();
  await apply(promptOn(1, FRAMES[1]));
  await apply(promptOn(2, FRAMES[2]));
  await apply(paint(0));
  expect(decided(1)).toEqual([FRAMES[0], FRAMES[1]]);
  expect(decided(2)).toEqual([FRAMES[2]]);
  await undo();
  expect(decided(1)).toEqual([FRAMES[1]]);
});

it('knows what was put in and taken out by hand, as far as it still is so', async () => {
  const { apply, now } = await opened();
  const frame = FRAMES[1];
  const edit = (add: Runs, remove: Runs) =>
    apply({ kind: 'mask:edit', edits: [{ segmentId: id(1), frame, add, remove }] });
  await apply(promptOn(1, frame, [0, 6]));
  await edit([8, 3], [0, 2]);
  await edit([1, 1], [10, 1]);
  expect([now().on(frame), now().added(frame), now().erased(frame)]).toEqual([
    [1, 5, 8, 2],
    [1, 1, 8, 2],
    [0, 1, 10, 1],
  ]);
  // A box that is drawn again brings back what it shows.
  await apply(promptOn(1, frame, [0, 1], 33));
  expect(now().erased(frame)).toEqual([10, 1]);
  expect(now().erased(FRAMES[0])).toEqual([]);
});

it('knows what a box made by itself, until that is undone', async () => {
  const { apply, boxMask, undo } = await opened();
  const frame = FRAMES[1];
  await apply(promptOn(1, frame, [0, 6]));
  await apply(promptOn(1, frame, [10, 2], 33));
  await apply({ kind: 'mask:edit', edits: [{ segmentId: id(1), frame, add: [8, 1], remove: [0, 2] }] });
  expect(boxMask(101, frame)).toEqual([{ frame, runs: [0, 6] }]);
  expect(boxMask(33, frame)).toEqual([{ frame, runs: [10, 2] }]);
  expect([boxMask(101, FRAMES[0]), boxMask(34, frame)]).toEqual([[], []]);
  await undo();
  await undo();
  expect(boxMask(33, frame)).toEqual([]);
});
