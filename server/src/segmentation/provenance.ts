import {
  intersect,
  planeKeyOf,
  sameProvenance,
  type FrameMask,
  type Plane,
  type Provenance,
} from '@ohif-medsam/protocol';
import { standing, type LogEntry } from './log.ts';
import type { DocumentState } from './state.ts';

/** By plane, of one segment. */
type ProvenanceMap = ReadonlyMap<string, Provenance>;

/** What is known of one plane. */
interface Known {
  /** A box or a stroke. */
  person?: Provenance;
  /** Propagated masks: of several objects, where a segment has them on one plane. */
  found: { readonly provenance: Provenance; readonly masks: readonly FrameMask[] }[];
}

/** By segment id. A log never changes, and most operations change one segment of many. */
const computed = new WeakMap<readonly LogEntry[], Map<string, ProvenanceMap>>();

/**
 * How the masks of a document came to be [DOC-19]. What was painted is forgotten once it is too old to be undone.
 */
export const provenanceOf = ({ log, segments }: DocumentState): Provenance[] =>
  segments.flatMap(({ id }) => [...ofSegment(log, id).values()]);

/** What differs; `by` is null where nothing is known any more. */
export function changedProvenance(before: DocumentState, after: DocumentState): Provenance[] {
  if (before.log === after.log && before.segments === after.segments) return [];
  return [...segmentsChanged(before, after)].flatMap((segmentId) => {
    const [old, now] = [visibleOf(before, segmentId), visibleOf(after, segmentId)];
    const changed = [...now].flatMap(([plane, one]) => {
      return sameProvenance(old.get(plane), one) ? [] : [one];
    });
    const gone = [...old].flatMap(([key, { plane }]): Provenance[] =>
      now.has(key) ? [] : [{ segmentId, plane, by: null }],
    );
    return [...changed, ...gone];
  });
}

/** Segments that came or went, and those of operations that began or ceased to stand. */
function segmentsChanged(before: DocumentState, after: DocumentState): Set<string> {
  const [old, now] = [new Set(standing(before.log)), new Set(standing(after.log))];
  const [were, are] = [idsOf(before), idsOf(after)];
  return new Set([
    ...without(were, are),
    ...without(are, were),
    ...[...without(old, now), ...without(now, old)].flatMap(segmentsOf),
  ]);
}

const idsOf = ({ segments }: DocumentState) => new Set(segments.map(({ id }) => id));

const without = <T>(all: ReadonlySet<T>, others: ReadonlySet<T>): T[] => [...all].filter((one) => !others.has(one));

function segmentsOf({ operation }: LogEntry): string[] {
  if (operation.kind === 'mask:edit') return operation.edits.map(({ segmentId }) => segmentId);
  return operation.kind === 'prompt' || operation.kind === 'propagation' ? [operation.segmentId] : [];
}

const visibleOf = ({ log, segments }: DocumentState, segmentId: string): ProvenanceMap =>
  segments.some(({ id }) => id === segmentId) ? ofSegment(log, segmentId) : new Map();

function ofSegment(log: readonly LogEntry[], segmentId: string): ProvenanceMap {
  const ofLog = computed.get(log) ?? new Map<string, ProvenanceMap>();
  computed.set(log, ofLog);
  const before = ofLog.get(segmentId);
  if (before) return before;
  const planes = new Map<string, Known>();
  for (const entry of standing(log)) addTo(planes, segmentId, entry);
  const all = new Map<string, Provenance>();
  for (const [key, { person, found }] of planes) {
    const provenance = person ?? mostDoubtful(found.map((one) => one.provenance));
    if (provenance) all.set(key, provenance);
  }
  ofLog.set(segmentId, all);
  return all;
}

function addTo(planes: Map<string, Known>, segmentId: string, entry: LogEntry): void {
  if (!segmentsOf(entry).includes(segmentId)) return;
  const { operation } = entry;
  const known = (plane: Plane): Known => {
    const key = planeKeyOf(plane);
    const there = planes.get(key) ?? { found: [] };
    planes.set(key, there);
    return there;
  };
  if (operation.kind === 'prompt') {
    const { plane } = operation;
    known(plane).person = { segmentId, plane, by: 'box' };
  } else if (operation.kind === 'mask:edit') {
    for (const edit of operation.edits) {
      if (edit.segmentId !== segmentId) continue;
      const plane: Plane = { axis: 'k', frame: edit.frame };
      known(plane).person = { segmentId, plane, by: 'hand' };
    }
  } else if (operation.kind === 'propagation') {
    const { propagationId, masks, findings = [], cleared = [] } = operation;
    for (const { plane, masks: gone } of cleared) {
      const there = known(plane);
      there.found = there.found.filter((old) => !givesWay(old.masks, gone));
    }
    const byFrame = new Map(masks.map((mask) => [mask.frame, mask]));
    for (const { plane, ...finding } of findings) {
      const mask = plane.axis === 'k' && byFrame.get(plane.frame);
      const now = {
        provenance: { segmentId, plane, by: 'propagation' as const, propagationId, ...finding },
        masks: mask ? [mask] : [],
      };
      const there = known(plane);
      there.found = [...there.found.filter((old) => !givesWay(old.masks, now.masks)), now];
    }
  }
}

/** As masks do [DOC-7]. In planes that cross the frames, masks are not told apart. */
const givesWay = ([old]: readonly FrameMask[], [now]: readonly FrameMask[]): boolean =>
  !old || !now || intersect(old.runs, now.runs).length > 0;

/** One that is not the model's own answer, or that of which it is least sure. */
const mostDoubtful = (found: readonly Provenance[]): Provenance | undefined =>
  [...found].sort((a, b) => (a.score ?? -1) - (b.score ?? -1))[0];
