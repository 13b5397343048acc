import { assignSlots, type Slots } from './slots.ts';
import {
  planeKeyOf,
  sameProvenance,
  type Cell,
  type DocumentChanged,
  type DocumentSnapshot,
  type FrameKey,
  type Plane,
  type Provenance,
  type Runs,
  type Segment,
} from '@ohif-medsam/protocol';

/** The mask of one segment: its frames that are not empty. */
export type SegmentMask = ReadonlyMap<FrameKey, Runs>;

/** The server's document as this page knows it. */
export interface DocumentView extends Omit<DocumentSnapshot, 'cells' | 'provenance'> {
  /** How masks came to be, by segment and plane. */
  readonly provenance: ReadonlyMap<string, Provenance>;
  readonly masks: ReadonlyMap<Segment['id'], SegmentMask>;
  /** Under which label the viewer shows each segment. */
  readonly slots: Slots;
}

const NO_MASK: SegmentMask = new Map();

const provenanceKey = (segmentId: string, plane: Plane): string => `${segmentId} ${planeKeyOf(plane)}`;

export const provenanceOn = (document: DocumentView, segmentId: string, plane: Plane): Provenance | undefined =>
  document.provenance.get(provenanceKey(segmentId, plane));

export const maskOf = (document: DocumentView, segmentId: string): SegmentMask =>
  document.masks.get(segmentId) ?? NO_MASK;

/** @param before - The document as it was known, if it was: its segments keep their labels. */
export function viewOfSnapshot(snapshot: DocumentSnapshot, before?: DocumentView | null): DocumentView {
  const { cells, provenance, ...rest } = snapshot;
  const known = before?.seriesUid === snapshot.seriesUid ? before : undefined;
  return {
    ...rest,
    provenance: withProvenance(new Map(), provenance, known?.provenance),
    masks: withCells(new Map(), cells),
    slots: assignSlots(known?.slots ?? new Map(), rest.segments),
  };
}

/**
 * The document after a change. Masks of untouched segments stay the same objects, so that what is derived from them need not
 * be computed again; masks of segments that are gone are dropped.
 */
export function applyChange(document: DocumentView, change: DocumentChanged): DocumentView {
  const { seriesUid, revision, segments, cells, prompts, provenance, saved, history } = change;
  const alive = new Set(segments.map(({ id }) => id));
  const masks = withCells(document.masks, cells);
  return {
    seriesUid,
    revision,
    segments,
    prompts,
    provenance: provenance.length === 0 ? document.provenance : withProvenance(document.provenance, provenance),
    saved,
    history,
    slots: assignSlots(document.slots, segments),
    masks: [...masks.keys()].every((id) => alive.has(id)) ? masks : new Map([...masks].filter(([id]) => alive.has(id))),
  };
}

/** @param before - What was known: as long as it says the same, it stays the same object. */
function withProvenance(
  known: DocumentView['provenance'],
  news: readonly Provenance[],
  before: DocumentView['provenance'] = known,
): DocumentView['provenance'] {
  const next = new Map(known);
  for (const now of news) {
    const key = provenanceKey(now.segmentId, now.plane);
    const was = before.get(key);
    if (now.by === null) next.delete(key);
    else next.set(key, was && sameProvenance(was, now) ? was : now);
  }
  return next;
}

function withCells(masks: DocumentView['masks'], cells: readonly Cell[]): Map<string, SegmentMask> {
  const next = new Map(masks);
  const copied = new Map<string, Map<FrameKey, Runs>>();
  for (const { segmentId, frame, runs } of cells) {
    let mask = copied.get(segmentId);
    if (!mask) {
      mask = new Map(next.get(segmentId));
      copied.set(segmentId, mask);
      next.set(segmentId, mask);
    }
    if (runs.length === 0) mask.delete(frame);
    else mask.set(frame, runs);
  }
  return next;
}

/** The masks that are to be seen. */
export const visibleMasks = ({ masks }: DocumentView, hidden: ReadonlySet<string>): DocumentView['masks'] =>
  new Map([...masks].filter(([id]) => !hidden.has(id)));

/** Frames whose picture differs between two states of what is shown: masks by segment id. */
export function changedFrames(before: DocumentView['masks'], after: DocumentView['masks']): Set<FrameKey> {
  const frames = new Set<FrameKey>();
  for (const id of new Set([...before.keys(), ...after.keys()])) {
    const [a, b] = [before.get(id) ?? NO_MASK, after.get(id) ?? NO_MASK];
    if (a === b) continue;
    for (const frame of new Set([...a.keys(), ...b.keys()])) if (a.get(frame) !== b.get(frame)) frames.add(frame);
  }
  return frames;
}
