import { intersect, planeKeyOf, type FrameMask, type Plane, type Provenance } from '@ohif-medsam/protocol';
import { standing, type LogEntry } from './log.ts';
import type { DocumentState } from './state.ts';

/** By segment id and plane. */
type ProvenanceMap = ReadonlyMap<string, Provenance>;

/** What is known of one plane. */
interface Known {
  /** A box or a stroke. */
  person?: Provenance;
  /** Propagated masks: of several objects, where a segment has them on one plane. */
  found: { readonly provenance: Provenance; readonly masks: readonly FrameMask[] }[];
}

const keyOf = ({ segmentId, plane }: Pick<Provenance, 'segmentId' | 'plane'>): string =>
  `${segmentId} ${planeKeyOf(plane)}`;

const computed = new WeakMap<readonly LogEntry[], ProvenanceMap>();

/**
 * How the masks of a document came to be [DOC-19]. Like the anchors, what was painted is forgotten once it is too old to be undone.
 */
export function provenanceOf({ log, segments }: DocumentState): Provenance[] {
  const visible = new Set(segments.map(({ id }) => id));
  return [...ofLog(log).values()].filter(({ segmentId }) => visible.has(segmentId));
}

/** What differs; `by` is null where nothing is known any more. */
export function changedProvenance(before: DocumentState, after: DocumentState): Provenance[] {
  if (before.log === after.log && before.segments === after.segments) return [];
  const old = new Map(provenanceOf(before).map((one) => [keyOf(one), one]));
  const changed: Provenance[] = [];
  for (const now of provenanceOf(after)) {
    const was = old.get(keyOf(now));
    old.delete(keyOf(now));
    if (was?.by !== now.by || was.score !== now.score || was.doubt !== now.doubt) changed.push(now);
  }
  const gone = [...old.values()].map(({ segmentId, plane }): Provenance => ({ segmentId, plane, by: null }));
  return [...changed, ...gone];
}

function ofLog(log: readonly LogEntry[]): ProvenanceMap {
  const before = computed.get(log);
  if (before) return before;
  const planes = new Map<string, Known>();
  for (const entry of standing(log)) addTo(planes, entry);
  const all = new Map<string, Provenance>();
  for (const [key, { person, found }] of planes) {
    const provenance = person ?? mostDoubtful(found.map((one) => one.provenance));
    if (provenance) all.set(key, provenance);
  }
  computed.set(log, all);
  return all;
}

function addTo(planes: Map<string, Known>, { operation }: LogEntry): void {
  const known = (segmentId: string, plane: Plane): Known => {
    const key = keyOf({ segmentId, plane });
    const there = planes.get(key) ?? { found: [] };
    planes.set(key, there);
    return there;
  };
  if (operation.kind === 'prompt') {
    const { segmentId, plane } = operation;
    known(segmentId, plane).person = { segmentId, plane, by: 'box' };
  } else if (operation.kind === 'mask:edit') {
    for (const { segmentId, frame } of operation.edits) {
      const plane: Plane = { axis: 'k', frame };
      known(segmentId, plane).person = { segmentId, plane, by: 'hand' };
    }
  } else if (operation.kind === 'propagation') {
    const { segmentId, masks, findings = [], cleared = [] } = operation;
    const byFrame = new Map(masks.map((mask) => [mask.frame, mask]));
    for (const { plane, ...finding } of findings) {
      const mask = plane.axis === 'k' && byFrame.get(plane.frame);
      const now = {
        provenance: { segmentId, plane, by: 'propagation' as const, ...finding },
        masks: mask ? [mask] : [],
      };
      const there = known(segmentId, plane);
      there.found = [...there.found.filter((old) => !givesWay(old.masks, now.masks)), now];
    }
    for (const { plane, masks: gone } of cleared) {
      const there = known(segmentId, plane);
      there.found = there.found.filter((old) => !givesWay(old.masks, gone));
    }
  }
}

/** As masks do [DOC-7]. In planes that cross the frames, masks are not told apart. */
const givesWay = ([old]: readonly FrameMask[], [now]: readonly FrameMask[]): boolean =>
  !old || !now || intersect(old.runs, now.runs).length > 0;

/** One that is not the model's own answer, or that of which it is least sure. */
const mostDoubtful = (found: readonly Provenance[]): Provenance | undefined =>
  [...found].sort((a, b) => (a.score ?? -1) - (b.score ?? -1))[0];
