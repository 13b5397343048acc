import type { Plane, Provenance, SeriesFrame } from '@ohif-medsam/protocol';
import { describe, expect, it } from 'vitest';
import { applyChange, viewOfSnapshot, type DocumentView } from './documentView.ts';
import { reduce } from './reduce.ts';
import { nextToLookAt, stripOf } from './sliceStrip.ts';
import { INITIAL_STATE, type SessionState } from './state.ts';

/** Named by their place, so that a wrong order shows. */
const FRAMES: SeriesFrame[] = Array.from({ length: 9 }, (_, n) => ({
  sopInstanceUid: `1.${String(n + 1)}`,
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  frameNumber: 1,
  rows: 4,
  columns: 5,
}));
const plane = (number: number): Plane => ({ axis: 'k', frame: `1.${String(number)}/1` });
const found = (number: number, score: number): Provenance => ({
  segmentId: 's',
  plane: plane(number),
  by: 'propagation',
  score,
});

/** Slices 2 to 8: sure, doubtful, bridged, the box, by hand, read from a file, doubtful. */
const PROVENANCE: Provenance[] = [
  found(8, 0.3),
  found(2, 0.95),
  found(3, 0.4),
  { segmentId: 's', plane: plane(4), by: 'propagation', doubt: 'bridged' },
  { segmentId: 's', plane: plane(5), by: 'box' },
  { segmentId: 's', plane: plane(6), by: 'hand' },
  { segmentId: 'other', plane: plane(1), by: 'propagation', score: 0.1 },
];
const SNAPSHOT = {
  seriesUid: '1.9',
  revision: 1,
  segments: [],
  cells: [2, 3, 4, 5, 7, 8].map((n) => ({ segmentId: 's', frame: `1.${String(n)}/1`, runs: [0, 2] })),
  prompts: [],
  provenance: PROVENANCE,
  saved: null,
  history: {},
};

const stateOf = (inView: Plane, document: DocumentView = viewOfSnapshot(SNAPSHOT)): SessionState => ({
  ...INITIAL_STATE,
  frames: FRAMES,
  series: { studyUid: '1.1', seriesUid: '1.9', modality: 'CT', frames: FRAMES },
  document,
  activeSegmentId: 's',
  plane: inView,
});
const numbers = (state: SessionState) => (stripOf(state)?.slices ?? []).map(({ number }) => number);

/** Goes on as the hotkey does: to the slice, which with that has got its look. */
function visit(state: SessionState, way: 'next' | 'previous'): { state: SessionState; number: number | undefined } {
  const slice = nextToLookAt(state, way);
  if (!slice?.provenance) return { state, number: undefined };
  const looked = reduce(state, { kind: 'reviewed', provenance: slice.provenance });
  return { state: { ...looked, plane: slice.plane }, number: slice.number };
}

describe('the strip of slices', () => {
  it('[SS7] lies as geometry does, and is numbered as the viewer counts', () => {
    const state = stateOf(plane(5));
    const counted = { ...state, series: state.series && { ...state.series, frames: FRAMES.toReversed() } };
    expect(numbers(counted)).toEqual([8, 7, 6, 5, 4, 3, 2]);
    expect(nextToLookAt(counted, 'next')?.plane).toEqual(nextToLookAt(state, 'next')?.plane);
  });

  it('[SS1] reaches from the first to the last slice of the segment, and says how each mask came to be', () => {
    const strip = stripOf(stateOf(plane(5)));
    expect(strip?.total).toBe(9);
    expect(numbers(stateOf(plane(5)))).toEqual([2, 3, 4, 5, 6, 7, 8]);
    const made = ['propagation', 'propagation', 'propagation', 'box', 'hand', 'mask', 'propagation'];
    expect(strip?.slices.map(({ by }) => by)).toEqual(made);
    expect(strip?.slices.filter(({ isInView }) => isInView).map(({ number }) => number)).toEqual([5]);
  });

  it('[SS2] asks for a look where the model was not sure or its answer was not taken, and nowhere else', () => {
    const needed = stripOf(stateOf(plane(5)))?.slices.filter(({ look }) => look === 'needed');
    expect(needed?.map(({ number }) => number)).toEqual([3, 4, 8]);
  });

  it('[SS3] stands along the axis of the plane in view', () => {
    const sagittal = { segmentId: 's', plane: { axis: 'i', index: 3 }, by: 'propagation', score: 0.2 } as const;
    const document = viewOfSnapshot({ ...SNAPSHOT, provenance: [...PROVENANCE, sagittal] });
    const state = stateOf({ axis: 'i', index: 1 }, document);
    expect([stripOf(state)?.total, ...numbers(state)]).toEqual([5, 4]);
    expect(nextToLookAt(state, 'next')?.plane).toEqual(sagittal.plane);
  });
});

describe('next and previous', () => {
  it('[SS4] go by slice from the one in view, around at the end, to each once', () => {
    let state = stateOf(plane(4));
    const visited: (number | undefined)[] = [];
    for (let n = 0; n < 4; n++) {
      const step = visit(state, 'next');
      visited.push(step.number);
      ({ state } = step);
    }
    expect(visited).toEqual([8, 3, 4, undefined]);
    expect(visit(stateOf(plane(4)), 'previous').number).toBe(3);
    expect(visit(stateOf(plane(2)), 'previous').number).toBe(8);
  });

  it('[SS5] a slice that was corrected needs none, and one that was propagated anew needs it again', () => {
    const { state } = visit(stateOf(plane(5)), 'next');
    const told = (provenance: Provenance[]) =>
      state.document && applyChange(state.document, { ...SNAPSHOT, cells: [], provenance, by: 'b', operationId: 'o' });
    const needed = (document: DocumentView | null) =>
      stripOf({ ...state, document })?.slices.flatMap(({ look, number }) => (look === 'needed' ? [number] : []));
    expect(needed(state.document)).toEqual([3, 4]);
    expect(needed(told([{ segmentId: 's', plane: plane(3), by: 'hand' }]))).toEqual([4]);
    expect(needed(told([found(8, 0.35)]))).toEqual([3, 4, 8]);
    expect(needed(told([{ segmentId: 's', plane: plane(4), by: null }]))).toEqual([3]);
    // However sure the model is of both: it is another mask.
    expect(needed(told([{ ...found(8, 0.2), propagationId: 'another' }]))).toEqual([3, 4, 8]);
  });

  it('[SS6] what was looked at stays so when the document is read anew', () => {
    const { state } = visit(stateOf(plane(5)), 'next');
    const copied = structuredClone(SNAPSHOT);
    const again = { ...state, document: viewOfSnapshot(copied, state.document) };
    expect(nextToLookAt({ ...again, plane: plane(5) }, 'next')?.number).toBe(3);
  });
});
