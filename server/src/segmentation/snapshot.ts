import { EMPTY_RUNS, type Cell, type DocumentSnapshot } from '@ohif-medsam/protocol';
import { historyDepths } from './log.ts';
import { changedProvenance, provenanceOf } from './provenance.ts';
import type { CellState, DocumentState } from './state.ts';

const NO_CELLS: ReadonlyMap<string, CellState> = new Map();

/** The document as everybody sees it: without hidden segments and empty cells. */
export function snapshotOf(seriesUid: string, state: DocumentState): DocumentSnapshot {
  return {
    seriesUid,
    revision: state.revision,
    segments: state.segments,
    cells: changedCells({ ...state, segments: [] }, state),
    prompts: state.prompts,
    provenance: provenanceOf(state),
    saved: state.saved,
    history: historyDepths(state.log),
  };
}

/** The same with only those cells that differ from an earlier state; empty runs where a mask or its whole segment went. */
export const changesSince = (before: DocumentState, after: DocumentState, seriesUid: string): DocumentSnapshot => ({
  ...snapshotOf(seriesUid, { ...after, cells: new Map() }),
  cells: changedCells(before, after),
  provenance: changedProvenance(before, after),
});

function changedCells(before: DocumentState, after: DocumentState): Cell[] {
  const ids = new Set([...before.segments, ...after.segments].map(({ id }) => id));
  return [...ids].flatMap((segmentId) => {
    const [old, now] = [visibleCells(before, segmentId), visibleCells(after, segmentId)];
    if (old === now) return [];
    const changed: Cell[] = [];
    for (const [frame, { runs }] of now)
      if (runs !== (old.get(frame)?.runs ?? EMPTY_RUNS) && !(runs.length === 0 && !old.get(frame)?.runs.length))
        changed.push({ segmentId, frame, runs });
    for (const [frame, { runs }] of old)
      if (!now.has(frame) && runs.length > 0) changed.push({ segmentId, frame, runs: EMPTY_RUNS });
    return changed;
  });
}

const visibleCells = (state: DocumentState, segmentId: string): ReadonlyMap<string, CellState> =>
  (state.segments.some(({ id }) => id === segmentId) && state.cells.get(segmentId)) || NO_CELLS;
