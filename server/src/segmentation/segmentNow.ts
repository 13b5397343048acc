import {
  EMPTY_RUNS,
  intersect,
  planeKeyOf,
  subtract,
  union,
  type CellEdit,
  type FrameKey,
  type FrameMask,
  type Plane,
  type Runs,
} from '@ohif-medsam/protocol';
import { anchorsOf } from './anchors.ts';
import { foldLayers } from './layers.ts';
import { standing } from './log.ts';
import type { DocumentState } from './state.ts';

/**
 * A segment at one moment: its masks, and what persons decided of them. Of strokes that are too old to be undone it is known on which
 * frames they were, not what they put in and took out.
 */
export interface SegmentNow {
  /** Its mask in a frame. */
  on(frame: FrameKey): Runs;
  /** Whether a person decided what the mask of a plane is. */
  isDecided(plane: Plane): boolean;
  /** The masks of the boxes that stand on a plane, as they lie in the frames. */
  boxes(plane: Plane): readonly (readonly FrameMask[])[];
  /** Pixels of a frame that persons put in by hand, and that are there. */
  added(frame: FrameKey): Runs;
  /** Pixels of a frame that no propagation made: of boxes, also across the frames, of strokes, or loaded. */
  kept(frame: FrameKey): Runs;
  /** Pixels of a frame that persons took out by hand, and that nothing has brought back. */
  erased(frame: FrameKey): Runs;
}

/** By segment id. A state never changes. */
const computed = new WeakMap<DocumentState, Map<string, SegmentNow>>();

export function segmentNow(state: DocumentState, segmentId: string): SegmentNow {
  const ofState = computed.get(state) ?? new Map<string, SegmentNow>();
  computed.set(state, ofState);
  const known = ofState.get(segmentId);
  if (known) return known;
  const decided = new Set(anchorsOf(state, segmentId).map(planeKeyOf));
  const edits = editsOf(state, segmentId);
  const propagated = new Set(
    state.log.filter(({ operation }) => operation.kind === 'propagation').map(({ revision }) => revision),
  );
  const cell = (frame: FrameKey) => state.cells.get(segmentId)?.get(frame);
  const on = (frame: FrameKey) => cell(frame)?.runs ?? EMPTY_RUNS;
  const now: SegmentNow = {
    on,
    isDecided: (plane) => decided.has(planeKeyOf(plane)),
    boxes: (plane) => masksOfBoxes(state, segmentId, planeKeyOf(plane)),
    added: (frame) => intersect(inTurn(edits.get(frame)).added, on(frame)),
    kept: (frame) => foldLayers((cell(frame)?.layers ?? []).filter(({ order }) => !propagated.has(order))),
    erased: (frame) => subtract(inTurn(edits.get(frame)).erased, on(frame)),
  };
  ofState.set(segmentId, now);
  return now;
}

const masksOfBoxes = ({ log }: DocumentState, segmentId: string, planeKey: string): (readonly FrameMask[])[] =>
  standing(log).flatMap(({ operation: o }) =>
    o.kind === 'prompt' && o.segmentId === segmentId && planeKeyOf(o.plane) === planeKey ? [o.masks] : [],
  );

/** The strokes on each frame, in order. */
function editsOf({ log }: DocumentState, segmentId: string): Map<FrameKey, CellEdit[]> {
  const edits = new Map<FrameKey, CellEdit[]>();
  for (const { operation } of standing(log)) {
    if (operation.kind !== 'mask:edit') continue;
    for (const edit of operation.edits) {
      if (edit.segmentId !== segmentId) continue;
      const there = edits.get(edit.frame);
      if (there) there.push(edit);
      else edits.set(edit.frame, [edit]);
    }
  }
  return edits;
}

/** What strokes come to, one after the other. Not before it is asked for: a state lasts as long as a propagated mask. */
function inTurn(edits: readonly CellEdit[] = []): { readonly added: Runs; readonly erased: Runs } {
  let [added, erased] = [EMPTY_RUNS, EMPTY_RUNS];
  for (const { add, remove } of edits) {
    added = union(subtract(added, remove), add);
    erased = subtract(union(erased, remove), add);
  }
  return { added, erased };
}
