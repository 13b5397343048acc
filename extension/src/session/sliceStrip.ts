import { frameKeyOf, planeKeyOf, type Plane, type Provenance, type SeriesFrame } from '@ohif-medsam/protocol';
import { maskOf, provenanceOn } from './documentView.ts';
import { sliceNumbers } from './sliceNumber.ts';
import type { SessionState } from './state.ts';

/**
 * A propagated mask that is less certain needs a look. `npm run fit-stop-rule`, on volumes that the embedded model was not trained
 * on: that are four in ten, of which four in ten are poor (Dice under 0.7); of the others seven in a hundred are.
 */
const SURE = 0.5;

/** One slice of the active segment. */
export interface StripSlice {
  readonly plane: Plane;
  /** From 0, in geometric order along the plane's axis. */
  readonly place: number;
  /** As the viewer counts. */
  readonly number: number;
  /** `mask`: there is one, of which nothing more is known. */
  readonly by: 'box' | 'hand' | 'propagation' | 'mask' | 'nothing';
  readonly provenance: Provenance | undefined;
  /** Whether a propagated mask needs a look, and whether it got one. */
  readonly look: 'needed' | 'taken' | 'none';
  readonly isInView: boolean;
}

/** What stands along the axis of the plane in view. */
export interface Strip {
  /** All slices of that axis. */
  readonly total: number;
  /** From the first to the last of which there is something to show. */
  readonly slices: readonly StripSlice[];
}

/** Which slices of the active segment have a mask, how it came to be, and where to look first. */
export function stripOf({
  document,
  activeSegmentId,
  plane,
  frames,
  series,
  inVolume,
  reviewed,
}: Pick<SessionState, 'document' | 'activeSegmentId' | 'plane' | 'frames' | 'series' | 'inVolume' | 'reviewed'>):
  Strip | undefined {
  if (!document || activeSegmentId === null || !plane) return undefined;
  const mask = maskOf(document, activeSegmentId);
  const inView = planeKeyOf(plane);
  const numberOf = sliceNumbers({ series, frames, inVolume });
  const all = planesAlong(plane, frames).map((at, place): StripSlice => {
    const provenance = provenanceOn(document, activeSegmentId, at);
    const isMasked = at.axis === 'k' && mask.has(at.frame);
    const look = !provenance || !isDoubtful(provenance) ? 'none' : reviewed.has(provenance) ? 'taken' : 'needed';
    const by = provenance?.by ?? (isMasked ? 'mask' : 'nothing');
    return { plane: at, place, number: numberOf(at), by, provenance, look, isInView: planeKeyOf(at) === inView };
  });
  const isSomething = ({ by }: StripSlice) => by !== 'nothing';
  const first = all.findIndex(isSomething);
  return { total: all.length, slices: first < 0 ? [] : all.slice(first, all.findLastIndex(isSomething) + 1) };
}

/** The next slice that needs a look, from the one in view on, one way and then around from the other end. */
export function nextToLookAt(state: SessionState, way: 'next' | 'previous'): StripSlice | undefined {
  const strip = stripOf(state);
  if (!strip || !state.plane) return undefined;
  const here = planesAlong(state.plane, state.frames).map(planeKeyOf).indexOf(planeKeyOf(state.plane));
  const waiting = strip.slices.filter(({ look }) => look === 'needed');
  return way === 'next'
    ? (waiting.find(({ place }) => place > here) ?? waiting[0])
    : (waiting.findLast(({ place }) => place < here) ?? waiting.at(-1));
}

/** What is not the model's own answer, or what it is not sure of. */
const isDoubtful = ({ by, score, doubt }: Provenance): boolean =>
  by === 'propagation' && (doubt !== undefined || (score ?? 0) < SURE);

function planesAlong(plane: Plane, frames: readonly SeriesFrame[]): Plane[] {
  if (plane.axis === 'k') return frames.map((frame) => ({ axis: 'k', frame: frameKeyOf(frame) }));
  const { axis } = plane;
  const count = (axis === 'i' ? frames[0]?.columns : frames[0]?.rows) ?? 0;
  return Array.from({ length: count }, (_, index) => ({ axis, index }));
}
