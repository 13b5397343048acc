import { beforeEach, expect, it } from 'vitest';
import { addSegment, ALICE, BOB, Desk, load } from './fixtures/scene.ts';
import { openingOf } from './log.ts';

const BEFORE = { segSeriesUid: '1.2.8', sopInstanceUid: '1.2.8.1', instanceNumber: 1 };
const OPENED = { segSeriesUid: '1.2.9', sopInstanceUid: '1.2.9.2', instanceNumber: 4 };
const AGAIN = { segSeriesUid: '1.2.8', sopInstanceUid: '1.2.8.2', instanceNumber: 2 };

let desk: Desk;
/** What a save stores now; noted when that is done. */
const saving = (place: typeof BEFORE) => {
  const saved = { ...place, revision: desk.snapshot.revision };
  return { kind: 'saved', saved, opening: openingOf(desk.state.log) } as const;
};
const save = (place: typeof BEFORE) => desk.apply(ALICE, saving(place));
/** Until what was done so far can no longer be undone. */
const forget = () => {
  for (let n = 0; n < 5; n++) desk.apply(ALICE, addSegment(0x60 + n));
};

beforeEach(() => {
  desk = new Desk(3);
  desk.apply(BOB, addSegment(0x40));
  save(BEFORE);
  desk.apply(BOB, load(0x50));
});

it('[DOC-9] with a load the places of its saves are undone, and come back with it', () => {
  save(OPENED);
  expect(desk.snapshot.saved).toMatchObject(OPENED);
  desk.undo(BOB);
  expect(desk.snapshot.saved).toMatchObject(BEFORE);
  desk.redo(BOB);
  expect(desk.snapshot.saved).toMatchObject(OPENED);
  desk.undo(BOB);
  forget();
  expect(desk.snapshot.saved).toMatchObject(BEFORE);
});

it('[DOC-9] a save of what came back stands, until the load is done again', () => {
  save(OPENED);
  desk.undo(BOB);
  save(AGAIN);
  expect(desk.snapshot.saved).toMatchObject(AGAIN);
  desk.redo(BOB);
  expect(desk.snapshot.saved).toMatchObject(OPENED);
  forget();
  expect(desk.snapshot.saved).toMatchObject(OPENED);
});

it('[DOC-9] a load that is undone while it is saved, or done again, does not keep the place of that save', () => {
  const during = saving(OPENED);
  desk.undo(BOB);
  desk.apply(ALICE, during);
  expect(desk.snapshot.saved).toMatchObject(BEFORE);
  const again = saving(AGAIN);
  desk.redo(BOB);
  desk.apply(ALICE, again);
  expect(desk.snapshot.saved).toMatchObject(OPENED);
});

it('[DOC-9] a save of what came back stands when the load can no longer be done again', () => {
  desk.undo(BOB);
  save(AGAIN);
  forget();
  expect(desk.snapshot.saved).toMatchObject(AGAIN);
});
