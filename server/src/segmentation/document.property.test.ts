import { sameRuns, type DocumentSnapshot } from '@ohif-medsam/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromCheckpoint, toCheckpoint } from './checkpoint.ts';
import { commit, type AcceptedStep } from './commit.ts';
import { stepSchema } from './operations.ts';
import { anyCommand, anyMaskCommand, attempt, type Command } from './fixtures/commands.ts';
import { documentByTheRules } from './fixtures/oracle.ts';
import { addSegment, afterChange, ALICE, BOB, Desk, SERIES_UID, visible } from './fixtures/scene.ts';
import { changesSince, snapshotOf } from './snapshot.ts';
import { EMPTY_DOCUMENT } from './state.ts';

const RUNS = { numRuns: 1000 };
/** Few, so that settling happens in every longer run. */
const HISTORY = 6;
const LONG = { maxLength: 40, size: 'max' } as const;
const commands = fc.oneof(fc.array(anyCommand, LONG), fc.array(anyMaskCommand, LONG));

/** Bob made three segments; then both work on their masks. */
function sharedDesk(work: readonly Command[], historySteps?: number): Desk {
  const desk = new Desk(historySteps);
  for (const n of [1, 2, 3]) desk.apply(BOB, addSegment(n));
  for (const command of work) attempt(desk, command);
  return desk;
}

const replayed = (steps: readonly AcceptedStep[], start = EMPTY_DOCUMENT, historySteps?: number) =>
  steps.reduce((state, step) => {
    const body = stepSchema.parse(JSON.parse(JSON.stringify(step.body)));
    return commit(state, { ...step, body }, historySteps);
  }, start);

describe('any document', { timeout: 120_000 }, () => {
  it('[DOC-1] [DOC-8] is what the rules say, whatever was settled', () => {
    fc.assert(
      fc.property(commands, fc.constantFrom(2, HISTORY, 500), (work, history) => {
        const desk = sharedDesk(work, history);
        const { segments, prompts, cells } = visible(desk.snapshot);
        const expected = documentByTheRules(desk.steps, history);
        expect(segments.map((segment) => segment.id)).toEqual(expected.segmentIds);
        expect(prompts.map(({ promptId }) => promptId)).toEqual(expected.prompts);
        expect(cells).toEqual(visible({ ...desk.snapshot, cells: expected.cells }).cells);
      }),
      RUNS,
    );
  });

  it('[DOC-1] comes out the same from the journal', () => {
    fc.assert(
      fc.property(commands, (work) => {
        const desk = sharedDesk(work, HISTORY);
        const state = replayed(desk.steps, EMPTY_DOCUMENT, HISTORY);
        expect(snapshotOf(SERIES_UID, state)).toEqual(desk.snapshot);
      }),
      RUNS,
    );
  });

  it('[DOC-1] comes out the same from a checkpoint anywhere and the journal after it, and goes on the same', () => {
    fc.assert(
      fc.property(commands, commands, fc.nat(), (work, more, cut) => {
        const desk = sharedDesk(work, HISTORY);
        const at = cut % (desk.steps.length + 1);
        const before = replayed(desk.steps.slice(0, at), EMPTY_DOCUMENT, HISTORY);
        const restored = fromCheckpoint(JSON.parse(JSON.stringify(toCheckpoint(before))));
        const other = new Desk(HISTORY);
        other.state = replayed(desk.steps.slice(at), restored, HISTORY);
        for (const command of more) expect(attempt(other, command)).toBe(attempt(desk, command));
        expect(visible(other.snapshot).cells).toEqual(visible(desk.snapshot).cells);
        expect(visible(other.snapshot).known).toEqual(visible(desk.snapshot).known);
        expect(other.snapshot.history).toEqual(desk.snapshot.history);
        expect(other.snapshot.prompts).toEqual(desk.snapshot.prompts);
        expect(other.snapshot.segments.map((s) => s.id)).toEqual(desk.snapshot.segments.map((s) => s.id));
      }),
      RUNS,
    );
  });

  it('[DOC-2] is told by its changes, one revision each', () => {
    fc.assert(
      fc.property(commands, (work) => {
        const desk = new Desk(HISTORY);
        let page: DocumentSnapshot = desk.snapshot;
        for (const command of work) {
          const before = desk.state;
          if (!attempt(desk, command)) {
            expect(desk.state).toBe(before);
            continue;
          }
          const change = changesSince(before, desk.state, SERIES_UID);
          expect(change.revision).toBe(page.revision + 1);
          page = told(page, change);
          expect(visible(page)).toEqual(visible(desk.snapshot));
        }
      }),
      RUNS,
    );
  });

  it('[DOC-3] without what one undid is as if one had never done it', () => {
    fc.assert(
      fc.property(fc.array(anyMaskCommand, LONG), (work) => {
        const desk = sharedDesk(work);
        while (desk.snapshot.history[ALICE.id]?.undo) desk.undo(ALICE);
        const withoutAlice = replayed(desk.steps.filter(({ author }) => author === BOB.id));
        const { cells, prompts } = visible(desk.snapshot);
        expect({ cells, prompts }).toEqual(pick(visible(snapshotOf(SERIES_UID, withoutAlice))));
      }),
      RUNS,
    );
  });

  it('[DOC-4] is the same after undo and redo, however many', () => {
    fc.assert(
      fc.property(commands, fc.integer({ min: 1, max: 5 }), (work, times) => {
        const desk = sharedDesk(work, HISTORY);
        const before = visible(desk.snapshot);
        let undone = 0;
        for (let n = 0; n < times; n++) if (attempt(desk, { who: 'alice', does: 'undo' })) undone++;
        for (let n = 0; n < undone; n++) expect(attempt(desk, { who: 'alice', does: 'redo' })).toBe(true);
        expect(visible(desk.snapshot)).toEqual(before);
      }),
      RUNS,
    );
  });
});

const pick = ({ cells, prompts }: ReturnType<typeof visible>) => ({ cells, prompts });

/** What a page does with a change, which says nothing that it knows already. */
function told(page: DocumentSnapshot, change: DocumentSnapshot): DocumentSnapshot {
  expect(change.cells.every((c) => !page.cells.some((old) => sameCell(old, c) && sameRuns(old.runs, c.runs)))).toBe(
    true,
  );
  const known = new Set(page.provenance.map((one) => JSON.stringify(one)));
  expect(change.provenance.filter((one) => known.has(JSON.stringify(one)))).toEqual([]);
  return afterChange(page, change);
}

const sameCell = (a: DocumentSnapshot['cells'][number], b: typeof a) =>
  a.segmentId === b.segmentId && a.frame === b.frame;
