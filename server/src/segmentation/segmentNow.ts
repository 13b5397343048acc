import {
  EMPTY_RUNS,
  intersect,
  planeKeyOf,
  subtract,
  union,
  type FrameKey,
  type Plane,
  type Runs,
} from '@ohif-medsam/protocol';
import { anchorsOf } from './anchors.ts';
import { standing } from './log.ts';
import type { DocumentState } from './state.ts';

/** A segment at one moment: its masks, and what persons decided of them. Like the anchors, what is too old to be undone is forgotten. */
export interface SegmentNow {
  /** Its mask in a frame. */
  on(frame: FrameKey): Runs;
  /** Whether a person decided what the mask of a plane is. */
  isDecided(plane: Plane): boolean;
  /** Pixels of a frame that persons put in by hand, and that are there. */
  added(frame: FrameKey): Runs;
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
  const strokes = strokesOf(state, segmentId);
  const on = (frame: FrameKey) => state.cells.get(segmentId)?.get(frame)?.runs ?? EMPTY_RUNS;
  const now: SegmentNow = {
    on,
    isDecided: (plane) => decided.has(planeKeyOf(plane)),
    added: (frame) => intersect(strokes.get(frame)?.added ?? EMPTY_RUNS, on(frame)),
    erased: (frame) => subtract(strokes.get(frame)?.erased ?? EMPTY_RUNS, on(frame)),
  };
  ofState.set(segmentId, now);
  return now;
}

interface Strokes {
  readonly added: Runs;
  readonly erased: Runs;
}

/** What the strokes on each frame come to, one after the other. */
function strokesOf({ log }: DocumentState, segmentId: string): Map<FrameKey, Strokes> {
  const strokes = new Map<FrameKey, Strokes>();
  for (const { operation } of standing(log)) {
    if (operation.kind !== 'mask:edit') continue;
    for (const { segmentId: of, frame, add, remove } of operation.edits) {
      if (of !== segmentId) continue;
      const { added, erased } = strokes.get(frame) ?? { added: EMPTY_RUNS, erased: EMPTY_RUNS };
      strokes.set(frame, { added: union(subtract(added, remove), add), erased: subtract(union(erased, remove), add) });
    }
  }
  return strokes;
}
