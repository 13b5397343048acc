import { EMPTY_RUNS, encodeRuns, subtract, union, type Segment } from '@ohif-medsam/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeLabels, editsBetween, keepApproved, type LabelEdit } from './labels.ts';
import type { DocumentView } from './documentView.ts';
import { assignSlots } from './slots.ts';

const FRAME = '1.2.3/1';
const PIXELS = 38 * 23;

const segment = (number: number): Segment => ({
  id: `segment-${String(number)}`,
  number,
  label: `Segment ${String(number)}`,
  color: [255, 0, 0],
  coding: { category: code('Tissue'), type: code('Tissue') },
  tracking: { id: 'a', uid: '1.2' },
  algorithm: { type: 'MANUAL' },
  review: { status: 'draft' },
});
const code = (meaning: string) => ({ value: '85756007', scheme: 'SCT', meaning });

const APPROVED = { status: 'approved', by: 'Dr. Ada', at: '2026-01-01T00:00:00Z' } as const;
const SEGMENTS = [segment(1), segment(2), segment(7)];
const SLOTS = assignSlots(new Map(), SEGMENTS);
const NONE: ReadonlySet<string> = new Set();

/** A document of one frame whose segments do not overlap, as a labelmap holds them. */
function documentOf(labels: Uint8Array): DocumentView {
  const masks = SEGMENTS.map(
    ({ id, number }) => [id, new Map([[FRAME, encodeRuns(labels.map((l) => (l === number ? 1 : 0)))]])] as const,
  );
  return {
    seriesUid: '1.2',
    revision: 1,
    segments: SEGMENTS,
    prompts: [],
    provenance: new Map(),
    saved: null,
    history: {},
    masks: new Map(masks),
    slots: SLOTS,
  };
}

function edited(document: DocumentView, edits: readonly LabelEdit[]): DocumentView {
  const masks = new Map(document.masks);
  for (const { segmentId, frame, add, remove } of edits) {
    const runs = masks.get(segmentId)?.get(frame) ?? EMPTY_RUNS;
    masks.set(segmentId, new Map([[frame, union(subtract(runs, remove), add)]]));
  }
  return { ...document, masks };
}

const anyLabels = fc
  .array(fc.constantFrom(0, 0, 1, 2, 7), { minLength: PIXELS, maxLength: PIXELS })
  .map((l) => Uint8Array.from(l));

describe('labelmap as a view of the document', () => {
  it('[LV1] shows a document of segments that do not overlap as it is', () =>
    fc.assert(
      fc.property(anyLabels, (labels) => {
        expect(composeLabels(documentOf(labels), FRAME, PIXELS, NONE)).toEqual(labels);
      }),
    ));

  it('[LV2] what was painted, sent as edits, makes the document that looks like the painting', () =>
    fc.assert(
      fc.property(anyLabels, anyLabels, (before, after) => {
        const document = documentOf(before);
        const edits = editsBetween(before, after, FRAME, SLOTS);
        expect(composeLabels(edited(document, edits), FRAME, PIXELS, NONE)).toEqual(after);
      }),
    ));

  it('[LV3] says nothing where nothing was painted', () =>
    fc.assert(
      fc.property(anyLabels, (labels) => {
        expect(editsBetween(labels, labels, FRAME, SLOTS)).toEqual([]);
      }),
    ));

  it('[LV5] keeps approved segments as they are under any stroke, and what was painted beside them', () =>
    fc.assert(
      fc.property(anyLabels, anyLabels, (before, after) => {
        const segments = SEGMENTS.map((s) => (s.number === 2 ? { ...s, review: APPROVED } : s));
        const painted = after.slice();
        const kept = keepApproved(before, painted, { ...documentOf(before), segments });
        expect([...painted]).toEqual([...after].map((is, at) => (before[at] === 2 ? 2 : is)));
        expect(kept).toBe([...after].some((is, at) => before[at] === 2 && is !== 2));
      }),
    ));

  it('[LV4] takes a label that is no segment, as the preview of the brush, for no edit', () => {
    const before = new Uint8Array(PIXELS);
    expect(
      editsBetween(
        before,
        before.map((_, at) => (at < 9 ? 255 : 0)),
        FRAME,
        SLOTS,
      ),
    ).toEqual([]);
  });

  it('[LV6] where segments overlap, shows the one added last that is not hidden', () => {
    const document = documentOf(new Uint8Array(PIXELS));
    const both = new Map([
      ['segment-1', new Map([[FRAME, [0, 10]]])],
      ['segment-2', new Map([[FRAME, [5, 10]]])],
    ]);
    const labels = composeLabels({ ...document, masks: both }, FRAME, PIXELS, NONE);
    expect([...labels.subarray(0, 16)]).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0]);
    const without = composeLabels({ ...document, masks: both }, FRAME, PIXELS, new Set(['segment-2']));
    expect([...without.subarray(0, 16)]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
  });

  it('[LV7] shows and reads back segments whose numbers no byte holds', () => {
    const many = [{ ...segment(7) }, { ...segment(263) }, { ...segment(500) }];
    const slots = assignSlots(new Map(), many);
    const masks = new Map(many.map(({ id }, at) => [id, new Map([[FRAME, [at * 10, 5]]])]));
    const document = { ...documentOf(new Uint8Array(PIXELS)), segments: many, slots, masks };
    const labels = composeLabels(document, FRAME, PIXELS, NONE);
    const seen = editsBetween(new Uint8Array(PIXELS), labels, FRAME, slots);
    expect(seen.map(({ segmentId, add }) => [segmentId, add])).toEqual(many.map(({ id }, at) => [id, [at * 10, 5]]));
  });
});
