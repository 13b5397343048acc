import { AppError, EMPTY_RUNS, type ErrorCode } from '@ohif-medsam/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { addSegment, ALICE, BOB, CODING, Desk, FRAMES, id, load, MODEL } from './fixtures/scene.ts';
import type { Operation } from './operations.ts';

const [LOW, MID, HIGH] = FRAMES;
const SEGMENT = id(1);

const edit = (frame: string, add: readonly number[], remove: readonly number[] = EMPTY_RUNS): Operation => ({
  kind: 'mask:edit',
  edits: [{ segmentId: SEGMENT, frame, add: [...add], remove: [...remove] }],
});
const prompt = (n: number, runs: readonly number[], segmentId = SEGMENT, frame: string = MID): Operation => ({
  kind: 'prompt',
  promptId: id(n),
  segmentId,
  plane: { axis: 'k', frame },
  box: [0, 0, 3, 3],
  masks: [{ frame, runs }],
  algorithm: MODEL,
});
const propagation = (n: number, from: string, masks: Record<string, readonly number[]>): Operation => ({
  kind: 'propagation',
  propagationId: id(n),
  segmentId: SEGMENT,
  plane: { axis: 'k', frame: from },
  masks: Object.entries(masks).map(([frame, runs]) => ({ frame, runs })),
  algorithm: MODEL,
});
const review = (status: 'draft' | 'needs-change' | 'approved', comment?: string): Operation => ({
  kind: 'segment:review',
  segmentId: SEGMENT,
  status,
  comment,
});

let desk: Desk;
const maskIn = (frame: string, segmentId = SEGMENT) =>
  desk.snapshot.cells.find((cell) => cell.segmentId === segmentId && cell.frame === frame)?.runs ?? [];
const segment = () => desk.snapshot.segments.find((s) => s.id === SEGMENT);

function refuses(act: () => unknown, code: ErrorCode): void {
  const before = desk.state;
  let thrown: unknown;
  try {
    act();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(AppError);
  expect(thrown).toMatchObject({ code });
  expect(desk.state).toBe(before);
}

beforeEach(() => {
  desk = new Desk();
  desk.apply(BOB, addSegment(1));
});

describe('masks', () => {
  it('[DOC-5] edits of one cell by two people merge', () => {
    desk.apply(ALICE, edit(LOW, [0, 4]));
    desk.apply(BOB, edit(LOW, [10, 2], [3, 1]));
    expect(maskIn(LOW)).toEqual([0, 3, 10, 2]);
  });

  it('[DOC-3] undo takes back only what one did oneself', () => {
    desk.apply(ALICE, edit(LOW, [0, 4]));
    desk.apply(BOB, edit(LOW, [2, 6]));
    desk.undo(ALICE);
    expect(maskIn(LOW)).toEqual([2, 6]);
    refuses(() => desk.undo(ALICE), 'nothing-to-undo');
    desk.redo(ALICE);
    expect(maskIn(LOW)).toEqual([0, 8]);
  });

  it('[DOC-4] something new forgets what one could redo, not what others could', () => {
    desk.apply(ALICE, edit(LOW, [0, 1]));
    desk.apply(BOB, edit(LOW, [5, 1]));
    desk.undo(ALICE);
    desk.undo(BOB);
    desk.apply(ALICE, edit(LOW, [9, 1]));
    refuses(() => desk.redo(ALICE), 'nothing-to-undo');
    desk.redo(BOB);
    expect(maskIn(LOW)).toEqual([5, 1, 9, 1]);
  });

  it('[DOC-13] a mask outside of the series or its frames is refused', () => {
    refuses(() => desk.apply(ALICE, edit('1.2.99/1', [0, 1])), 'operation-invalid');
    refuses(() => desk.apply(ALICE, edit(LOW, [18, 3])), 'operation-invalid');
    refuses(() => desk.apply(ALICE, edit(LOW, [0, 1], [20, 1])), 'operation-invalid');
    desk.apply(ALICE, edit(LOW, [18, 2]));
  });

  it('refuses a segment that does not exist', () => {
    refuses(() => desk.apply(ALICE, prompt(30, [0, 1], id(77))), 'segment-unknown');
    refuses(() => desk.apply(ALICE, { kind: 'segment:delete', segmentId: id(77) }), 'segment-unknown');
  });
});

describe('boxes and propagations', () => {
  it('[DOC-6] a box drawn again takes the place of its former mask; undo brings that back', () => {
    desk.apply(ALICE, prompt(30, [0, 3]));
    desk.apply(ALICE, prompt(30, [5, 2]));
    expect(maskIn(MID)).toEqual([5, 2]);
    desk.undo(ALICE);
    expect(maskIn(MID)).toEqual([0, 3]);
    desk.apply(BOB, { kind: 'prompt:delete', promptId: id(30) });
    expect([maskIn(MID), desk.snapshot.prompts]).toEqual([[], []]);
    desk.undo(BOB);
    expect(desk.snapshot.prompts).toMatchObject([{ promptId: id(30), author: ALICE.id }]);
    refuses(() => desk.apply(BOB, { kind: 'prompt:delete', promptId: id(31) }), 'operation-invalid');
  });

  it('[DOC-6] [DOC-20] a propagation from the same plane takes the place of the former where it looked', () => {
    desk.apply(ALICE, propagation(40, MID, { [LOW]: [0, 3], [HIGH]: [0, 3] }));
    const again = propagation(41, MID, { [LOW]: [10, 3] });
    const cleared = [{ plane: { axis: 'k', frame: LOW }, masks: [{ frame: LOW, runs: [0, 3] }] }];
    desk.apply(ALICE, { ...again, cleared, replaces: 'cleared' } as Operation);
    expect([maskIn(LOW), maskIn(HIGH)]).toEqual([
      [10, 3],
      [0, 3],
    ]);
    // Nor does the former come back where the newer one gives way in turn.
    desk.apply(ALICE, prompt(30, [12, 2], SEGMENT, LOW));
    expect(maskIn(LOW)).toEqual([12, 2]);
    desk.undo(ALICE);
    desk.undo(ALICE);
    expect(maskIn(LOW)).toEqual([0, 3]);
  });

  it('[DOC-6] in journals of before that, it takes the place of the former as a whole', () => {
    desk.apply(ALICE, propagation(40, MID, { [LOW]: [0, 3], [HIGH]: [0, 3] }));
    desk.apply(ALICE, propagation(41, MID, { [LOW]: [10, 1] }));
    expect([maskIn(LOW), maskIn(HIGH)]).toEqual([[10, 1], []]);
    desk.undo(ALICE);
    expect([maskIn(LOW), maskIn(HIGH)]).toEqual([
      [0, 3],
      [0, 3],
    ]);
  });

  it('[DOC-7] a leak is corrected by a box on its slice and a propagation from there', () => {
    desk.apply(ALICE, propagation(40, LOW, { [MID]: [0, 12], [HIGH]: [0, 14] }));
    desk.apply(ALICE, prompt(30, [2, 3]));
    expect(maskIn(MID)).toEqual([2, 3]);
    desk.apply(ALICE, propagation(41, MID, { [HIGH]: [2, 4] }));
    expect(maskIn(HIGH)).toEqual([2, 4]);
    desk.undo(ALICE);
    expect(maskIn(HIGH)).toEqual([0, 14]);
  });

  it('[DOC-7] another object of the segment in the same slice stays', () => {
    desk.apply(ALICE, propagation(40, LOW, { [MID]: [0, 3] }));
    desk.apply(ALICE, prompt(30, [10, 3]));
    desk.apply(ALICE, propagation(41, HIGH, { [MID]: [16, 2] }));
    expect(maskIn(MID)).toEqual([0, 3, 10, 3, 16, 2]);
  });

  it('[DOC-12] a propagation is one step, and over when it is undone', () => {
    desk.apply(ALICE, propagation(40, MID, { [LOW]: [0, 3] }));
    desk.apply(ALICE, propagation(40, MID, { [HIGH]: [0, 2] }));
    expect(desk.snapshot.history[ALICE.id]).toEqual({ undo: 1, redo: 0 });
    desk.undo(ALICE);
    expect(desk.snapshot.cells).toEqual([]);
    refuses(() => desk.apply(ALICE, propagation(40, MID, { [LOW]: [0, 1] })), 'propagation-unknown');
    desk.apply(ALICE, edit(LOW, [7, 1]));
    refuses(() => desk.apply(ALICE, propagation(40, MID, { [LOW]: [0, 1] })), 'propagation-unknown');
  });

  it('[DOC-12] a mask counts in its frame although an equal slice had the very same before', () => {
    const runs = [0, 3];
    desk.apply(ALICE, propagation(40, MID, { [LOW]: runs }));
    desk.apply(ALICE, propagation(40, MID, { [HIGH]: runs }));
    expect([maskIn(LOW), maskIn(HIGH)]).toEqual([runs, runs]);
  });

  it('[DOC-10] a segment names the model of its newest box, and none when that is undone', () => {
    expect(segment()?.algorithm).toEqual({ type: 'MANUAL' });
    desk.apply(ALICE, prompt(30, [0, 3]));
    expect(segment()?.algorithm).toEqual(MODEL);
    desk.undo(ALICE);
    expect(segment()?.algorithm).toEqual({ type: 'MANUAL' });
  });
});

describe('segments', () => {
  it('[DOC-9] a deleted segment comes back with its masks and boxes', () => {
    desk.apply(ALICE, prompt(30, [0, 3]));
    const before = desk.snapshot;
    desk.apply(BOB, { kind: 'segment:delete', segmentId: SEGMENT });
    expect(desk.snapshot).toMatchObject({ segments: [], cells: [], prompts: [] });
    refuses(() => desk.apply(ALICE, edit(LOW, [0, 1])), 'segment-unknown');
    desk.undo(BOB);
    expect(desk.snapshot).toEqual({ ...before, revision: 4, history: expect.anything() as unknown });
  });

  it('[DOC-9] numbers and ids are never used twice', () => {
    desk.apply(ALICE, addSegment(2));
    desk.undo(ALICE);
    refuses(() => desk.apply(BOB, addSegment(2)), 'operation-invalid');
    desk.apply(BOB, addSegment(3));
    expect(desk.snapshot.segments.map(({ number }) => number)).toEqual([1, 3]);
  });

  it('[DOC-9] gets tracking ids once: a UUID and its decimal form below 2^128', () => {
    desk.apply(BOB, addSegment(2));
    const [one, two] = desk.snapshot.segments.map(({ tracking }) => tracking);
    expect(one?.uid).toMatch(/^2\.25\.[1-9]\d{0,38}$/);
    expect(BigInt(one?.uid.slice(5) ?? 0)).toBe(BigInt(`0x${one?.id.replaceAll('-', '') ?? ''}`));
    expect(one).not.toEqual(two);
    desk.apply(BOB, { kind: 'segment:update', segmentId: SEGMENT, label: 'Niere', color: [9, 8, 7] });
    expect(segment()).toMatchObject({ label: 'Niere', color: [9, 8, 7], coding: CODING, tracking: one });
  });

  it('[DOC-9] a reopened SEG replaces the content, keeps its tracking, and can be undone', () => {
    desk.apply(ALICE, edit(LOW, [0, 2]));
    desk.apply(BOB, load(0x50));
    expect(desk.snapshot).toMatchObject({
      segments: [{ id: id(0x50), number: 2, label: 'Leber', tracking: { uid: '2.25.7' }, review: { status: 'draft' } }],
      cells: [{ segmentId: id(0x50), frame: LOW, runs: [0, 4] }],
      saved: { segSeriesUid: '1.2.9', instanceNumber: 3, revision: desk.snapshot.revision },
    });
    desk.undo(BOB);
    expect(desk.snapshot).toMatchObject({ segments: [{ id: SEGMENT }], saved: null });
    expect(maskIn(LOW)).toEqual([0, 2]);
  });

  it('[DOC-16] saving is a revision after which nothing is unsaved; a change meanwhile is', () => {
    const place = { segSeriesUid: '1.2.9', sopInstanceUid: '1.2.9.1', instanceNumber: 1 };
    desk.apply(ALICE, { kind: 'saved', saved: { ...place, revision: 1 }, opening: 0 });
    expect(desk.snapshot).toMatchObject({ revision: 2, saved: { revision: 2 } });
    desk.apply(BOB, edit(LOW, [0, 2]));
    desk.apply(ALICE, { kind: 'saved', saved: { ...place, revision: 2 }, opening: 0 });
    expect(desk.snapshot).toMatchObject({ revision: 4, saved: { revision: 2 } });
    refuses(() => desk.undo(ALICE), 'nothing-to-undo');
  });
});

describe('review', () => {
  it('[DOC-11] says who and when, and is no step of history', () => {
    desk.apply(ALICE, review('needs-change', 'rim missing'));
    expect(segment()?.review).toEqual({
      status: 'needs-change',
      by: 'Alice',
      at: '2026-01-02T03:04:05.000Z',
      comment: 'rim missing',
    });
    refuses(() => desk.undo(ALICE), 'nothing-to-undo');
  });

  it('[DOC-11] an approved segment refuses every change until it is reopened', () => {
    desk.apply(ALICE, edit(LOW, [0, 2]));
    desk.apply(ALICE, prompt(30, [0, 3]));
    desk.apply(ALICE, propagation(40, MID, { [LOW]: [0, 1] }));
    desk.apply(BOB, edit(HIGH, [0, 2]));
    desk.undo(BOB);
    desk.apply(BOB, addSegment(2));
    desk.undo(BOB);
    desk.apply(BOB, review('approved'));
    const changes: Operation[] = [
      edit(LOW, [5, 1]),
      prompt(31, [0, 1]),
      prompt(30, [0, 1]),
      { kind: 'prompt:delete', promptId: id(30) },
      propagation(40, MID, { [HIGH]: [0, 1] }),
      { kind: 'segment:update', segmentId: SEGMENT, label: 'other' },
      { kind: 'segment:delete', segmentId: SEGMENT },
      load(0x50),
    ];
    for (const change of changes) refuses(() => desk.apply(ALICE, change), 'segment-approved');
    refuses(() => desk.undo(ALICE), 'segment-approved');
    desk.apply(BOB, review('draft'));
    desk.undo(ALICE);
    for (const change of changes.slice(0, 3)) desk.apply(ALICE, change);
  });

  it('[DOC-11] a load is done again unless it would hide an approved segment', () => {
    desk.apply(ALICE, load(0x50));
    desk.apply(BOB, addSegment(2));
    desk.apply(BOB, { kind: 'segment:review', segmentId: id(2), status: 'approved' });
    desk.undo(ALICE);
    desk.redo(ALICE);
    expect(desk.snapshot.segments.map((one) => one.id)).toEqual([id(0x50), id(2)]);
    desk.undo(ALICE);
    desk.apply(BOB, review('approved'));
    refuses(() => desk.redo(ALICE), 'segment-approved');
  });

  it('[DOC-11] a box cannot be moved away from an approved segment', () => {
    desk.apply(ALICE, prompt(30, [0, 3]));
    desk.apply(ALICE, addSegment(2));
    desk.apply(BOB, review('approved'));
    refuses(() => desk.apply(ALICE, prompt(30, [0, 3], id(2))), 'segment-approved');
  });
});

describe('history', () => {
  it('[DOC-8] is bounded, and so is what a document keeps', () => {
    for (let n = 0; n < 1200; n++) desk.apply(ALICE, edit(FRAMES[n % 3]!, [n % 19, 1], [(n * 7) % 19, 1]));
    for (let n = 0; n < 600; n++) desk.apply(ALICE, prompt(30 + (n % 2), [n % 17, 2]));
    expect(desk.snapshot.history[ALICE.id]?.undo).toBe(500);
    expect(desk.state.log.length).toBeLessThanOrEqual(502);
    expect(desk.state.accepted.size).toBeLessThanOrEqual(1000);
    const layers = [...desk.state.cells.values()].flatMap((frames) => [...frames.values()].map((cell) => cell.layers));
    expect(Math.max(...layers.map(({ length }) => length))).toBeLessThanOrEqual(5);
  });

  it('[DOC-8] a box too old to be undone can still be superseded', () => {
    desk = new Desk(2);
    desk.apply(BOB, addSegment(1));
    desk.apply(ALICE, prompt(30, [0, 3]));
    for (const at of [10, 12, 14, 16]) desk.apply(ALICE, edit(MID, [at, 1]));
    desk.apply(ALICE, prompt(30, [5, 2]));
    expect(maskIn(MID)).toEqual([5, 2, 10, 1, 12, 1, 14, 1, 16, 1]);
    desk.undo(ALICE);
    expect(maskIn(MID)).toEqual([0, 3, 10, 1, 12, 1, 14, 1, 16, 1]);
  });

  it('[DOC-8] a box that comes back does so at its old place among edits too old to be undone', () => {
    desk = new Desk(1);
    desk.apply(BOB, addSegment(1));
    desk.apply(ALICE, edit(MID, [], [0, 3]));
    desk.apply(ALICE, prompt(30, [0, 3]));
    desk.apply(ALICE, edit(MID, [10, 1]));
    desk.apply(ALICE, prompt(30, [5, 2]));
    desk.undo(ALICE);
    expect(maskIn(MID)).toEqual([0, 3, 10, 1]);
  });
});
