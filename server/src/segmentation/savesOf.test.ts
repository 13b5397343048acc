import { expect, it } from 'vitest';
import { addSegment, ALICE, BOB, CODING, Desk, FRAMES, id } from './fixtures/scene.ts';
import type { Operation } from './operations.ts';

const load = (n: number): Operation => ({
  kind: 'load',
  segments: [
    {
      id: id(n),
      label: 'Leber',
      color: [1, 2, 3],
      coding: CODING,
      tracking: { id: 'as stored', uid: '2.25.7' },
      algorithm: { type: 'SEMIAUTOMATIC' },
    },
  ],
  cells: [{ segmentId: id(n), frame: FRAMES[0], runs: [0, 4] }],
  from: { segSeriesUid: '1.2.9', sopInstanceUid: '1.2.9.1', instanceNumber: 3 },
});

it('[DOC-9] with what was opened its saves are undone, which say nothing of the content that comes back', () => {
  const first = { segSeriesUid: '1.2.8', sopInstanceUid: '1.2.8.1', instanceNumber: 1 };
  const desk = new Desk(3);
  desk.apply(BOB, addSegment(0x40));
  desk.apply(ALICE, { kind: 'saved', saved: { ...first, revision: desk.snapshot.revision } });
  desk.apply(BOB, load(0x50));
  const next = { segSeriesUid: '1.2.9', sopInstanceUid: '1.2.9.2', instanceNumber: 4 };
  desk.apply(ALICE, { kind: 'saved', saved: { ...next, revision: desk.snapshot.revision } });
  expect(desk.snapshot.saved).toMatchObject(next);
  desk.undo(BOB);
  expect(desk.snapshot.saved).toMatchObject(first);
  desk.redo(BOB);
  expect(desk.snapshot.saved).toMatchObject(next);
  desk.undo(BOB);
  // Also once the undone opening is forgotten.
  for (let n = 0; n < 5; n++) desk.apply(ALICE, addSegment(0x60 + n));
  expect(desk.snapshot.saved).toMatchObject(first);
});
