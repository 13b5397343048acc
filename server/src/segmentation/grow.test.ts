import { LIMITS } from '@ohif-medsam/protocol';
import { expect, it } from 'vitest';
import { addSegment, ALICE, BOB, Desk, FRAMES, id } from './fixtures/scene.ts';
import { growingEntry, grown } from './grow.ts';
import type { LogEntry } from './log.ts';
import { loggedOperationSchema, type LoggedOperation, type Operation } from './operations.ts';

const part = (from: number, cells: number): LoggedOperation => ({
  kind: 'mask:edit',
  strokeId: id(60),
  edits: Array.from({ length: cells }, (_, n) => ({
    segmentId: id(1),
    frame: `1.2.${String(from + n)}/1`,
    add: [0, 1],
    remove: [],
  })),
});
const entry = (operation: LoggedOperation): LogEntry => ({
  revision: 1,
  operationId: id(2),
  author: ALICE.id,
  operation,
  undone: false,
  settled: false,
});

it('[DOC-17] a stroke grows as long as a checkpoint can be read back with it', () => {
  const stroke = entry(part(1, LIMITS.cellsPerEdit - 1));
  const [fits, tooMuch] = [part(9_000, 1), part(9_000, 2)];
  expect(growingEntry([stroke], fits, ALICE.id)).toBe(stroke);
  expect(loggedOperationSchema.safeParse(grown(stroke.operation, fits)).success).toBe(true);
  expect(growingEntry([stroke], tooMuch, ALICE.id)).toBeUndefined();
});

it('[DOC-17] a stroke that came in parts is one step, whatever others did in between', () => {
  const desk = new Desk();
  desk.apply(BOB, addSegment(1));
  const edit = (add: readonly number[], remove: readonly number[] = []): Operation => ({
    kind: 'mask:edit',
    edits: [{ segmentId: id(1), frame: FRAMES[0], add: [...add], remove: [...remove] }],
  });
  const part = (...of: Parameters<typeof edit>): Operation => ({ ...edit(...of), strokeId: id(60) }) as Operation;
  const mask = () => desk.snapshot.cells[0]?.runs;
  desk.apply(ALICE, part([0, 3]));
  desk.apply(BOB, edit([10, 2]));
  desk.apply(ALICE, part([3, 2], [0, 1]));
  expect(mask()).toEqual([1, 4, 10, 2]);
  expect(desk.snapshot.history[ALICE.id]).toEqual({ undo: 1, redo: 0 });
  desk.undo(ALICE);
  expect(mask()).toEqual([10, 2]);
  desk.redo(ALICE);
  expect(mask()).toEqual([1, 4, 10, 2]);
  // Another's stroke of that id is another's step.
  desk.apply(BOB, part([14, 1]));
  expect(desk.snapshot.history[ALICE.id]).toEqual({ undo: 1, redo: 0 });
  desk.undo(ALICE);
  desk.apply(ALICE, part([6, 1]));
  expect(mask()).toEqual([6, 1, 10, 2, 14, 1]);
  expect(desk.snapshot.history[ALICE.id]).toEqual({ undo: 1, redo: 0 });
});
