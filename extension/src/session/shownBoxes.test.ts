import type { Participant, Prompt } from '@ohif-medsam/protocol';
import { describe, expect, it } from 'vitest';
import { viewOfSnapshot } from './documentView.ts';
import { reduce } from './reduce.ts';
import { ownBoxInView, shownBoxes } from './shownBoxes.ts';
import { INITIAL_STATE, type SessionState } from './state.ts';

const code = { value: '1', scheme: 'SCT', meaning: 'a' };
const prompt = (promptId: string, author: string): Prompt => ({
  promptId,
  segmentId: 'liver',
  plane: { axis: 'k', frame: '1.1/1' },
  box: [1, 1, 9, 9],
  author,
});
const bob: Participant = { connectionId: 'b', id: 'bob', name: 'Dr. Bob', color: [1, 2, 3] };

const state = (participants: readonly Participant[]): SessionState => ({
  ...INITIAL_STATE,
  me: { id: 'ada', name: 'Dr. Ada', color: [1, 2, 3] },
  activeSegmentId: 'liver',
  participants,
  document: viewOfSnapshot({
    seriesUid: '1.9',
    revision: 1,
    segments: [
      {
        id: 'liver',
        number: 1,
        label: 'Liver',
        color: [1, 2, 3],
        coding: { category: code, type: code },
        tracking: { id: 'a', uid: '1.2' },
        algorithm: { type: 'MANUAL' },
        review: { status: 'draft' },
      },
    ],
    cells: [],
    prompts: [prompt('mine', 'ada'), prompt('his', 'bob')],
    provenance: [],
    saved: null,
    history: {},
  }),
});

describe('boxes', () => {
  it("[BX1] of others are never one's own to move, whether they are there or not", () => {
    for (const participants of [[bob], []])
      expect(shownBoxes(state(participants)).map(({ id, look }) => [id, look.movable])).toEqual([
        ['mine', true],
        ['his', false],
      ]);
  });

  it('[BX2] of others bear their names while they are there', () =>
    expect(shownBoxes(state([bob])).map(({ look }) => look.author)).toEqual([undefined, 'Dr. Bob']));

  it('[BX3] wait for their masks where one let go of them, moved ones and new ones, and go back if there is no answer', () => {
    const placed = { plane: { axis: 'k', frame: '1.1/1' }, box: [2, 2, 7, 7] } as const;
    const released = ['mine', 'new'].reduce(
      (before, promptId) =>
        reduce(before, { kind: 'prompt-sent', promptId, placed: { ...placed, box: [...placed.box] } }),
      state([]),
    );
    const boxes = (of: SessionState) => shownBoxes(of).map(({ id, box, look }) => [id, box, look.waiting]);
    expect(boxes(released)).toEqual([
      ['mine', placed.box, true],
      ['his', [1, 1, 9, 9], false],
      ['new', placed.box, true],
    ]);
    const refused = ['mine', 'new'].reduce(
      (before, promptId) => reduce(before, { kind: 'prompt-ended', promptId }),
      released,
    );
    expect(boxes(refused)).toEqual(boxes(state([])));
  });

  it("[BX4] are deleted where one is, the newest first, and only one's own of the segment that one works on", () => {
    const plane = { axis: 'k', frame: '1.1/1' } as const;
    const here = { ...state([bob]), plane };
    expect(ownBoxInView(here)?.id).toBe('mine');
    const placed = { plane, box: [2, 2, 7, 7] } as const;
    const waiting = reduce(here, { kind: 'prompt-sent', promptId: 'new', placed: { ...placed, box: [2, 2, 7, 7] } });
    expect(ownBoxInView(waiting)?.id).toBe('new');
    for (const elsewhere of [{ plane: { axis: 'i', index: 3 } as const }, { activeSegmentId: 'spleen' }, { me: null }])
      expect(ownBoxInView({ ...here, ...elsewhere })).toBeUndefined();
  });

  it('[BX5] show where one clicked to correct one’s own, and to nobody else; a moved one begins anew', () => {
    const points = { inside: [[2, 3]], outside: [] } as const;
    const clicked = state([bob]);
    const document = clicked.document && {
      ...clicked.document,
      prompts: clicked.document.prompts.map((each) => ({ ...each, points })),
    };
    const dots = (of: SessionState) => shownBoxes(of).map((box) => [box.id, box.points]);
    expect(dots({ ...clicked, document })).toEqual([
      ['mine', points],
      ['his', undefined],
    ]);
    const placed = { plane: { axis: 'k', frame: '1.1/1' }, box: [2, 2, 7, 7] } as const;
    const moved = reduce({ ...clicked, document }, { kind: 'prompt-sent', promptId: 'mine', placed });
    expect(dots(moved)[0]).toEqual(['mine', undefined]);
  });
});
