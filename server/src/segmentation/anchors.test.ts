import { expect, it } from 'vitest';
import { anchorsOf } from './anchors.ts';
import { fromCheckpoint, toCheckpoint } from './checkpoint.ts';
import { addSegment, ALICE, BOB, Desk, FRAMES, id, load } from './fixtures/scene.ts';

const [, MID, HIGH] = FRAMES;
const SEGMENT = id(1);

it('[DOC-8] where a person drew is known when it is too old to be undone, and a load is never taken for that', () => {
  const desk = new Desk(2);
  const paint = (frame: string, at: number) =>
    desk.apply(ALICE, { kind: 'mask:edit', edits: [{ segmentId: SEGMENT, frame, add: [at, 1], remove: [] }] });
  desk.apply(BOB, load(1));
  paint(MID, 0);
  paint(HIGH, 10);
  paint(HIGH, 12);
  for (let n = 2; n < 5; n++) desk.apply(BOB, addSegment(n));
  expect(desk.state.log.every(({ operation }) => operation.kind === 'segment:add')).toBe(true);
  for (const state of [desk.state, fromCheckpoint(toCheckpoint(desk.state))])
    expect(anchorsOf(state, SEGMENT)).toEqual([MID, HIGH].map((frame) => ({ axis: 'k', frame })));
});
