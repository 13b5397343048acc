import { intersect, planeKeyOf, planeMaskToFrames, union, EMPTY_RUNS } from '@ohif-medsam/protocol';
import type { FrameKey, FrameMask, Plane, Runs, StopReason } from '@ohif-medsam/protocol';
import { planeMaskOf } from './planeMask.ts';

/** A propagated mask, on one plane or as it lies in the frames. */
interface PlaneMask {
  readonly plane: Plane;
  readonly runs: Runs;
}

/** What a propagation of the segment left in the document. */
export interface OlderPropagation {
  /** From which it went out. */
  readonly plane: Plane;
  readonly masks: readonly FrameMask[];
}

/** Ends before which every plane of the way was looked at. After others, what lies beyond was not: it stays. */
const LOOKED_AT: ReadonlySet<StopReason | null> = new Set([
  'object-ended',
  'object-lost',
  'anchor',
  'reach',
  'series-end',
]);

/**
 * The planes of one way on which a propagation decided that the object is not: those that it left out, and all beyond its end as far
 * as the next anchor or its reach.
 * @param ahead - Planes of the way within its reach, nearest first.
 * @param leads - Whether a person's mask of this object is on a plane.
 */
export function planesWithout(
  ahead: readonly Plane[],
  found: ReadonlySet<string>,
  reason: StopReason | null,
  leads: (plane: Plane) => boolean,
): Plane[] {
  const last = ahead.findLastIndex((plane) => found.has(planeKeyOf(plane)));
  const anchor = ahead.findIndex((plane, at) => at > last && leads(plane));
  const isOpen = !LOOKED_AT.has(reason) || (reason === 'anchor' && anchor < 0);
  const end = isOpen ? last + 1 : anchor < 0 ? ahead.length : anchor;
  return ahead.slice(0, end).filter((plane) => !found.has(planeKeyOf(plane)));
}

/**
 * What older propagations of the same object left on planes where it turned out not to be: of those that meet the newer masks, or
 * went out from one of their planes. The segment's other objects stay.
 * @param without - Planes of one axis.
 * @param seen - The plane that the newer propagation went out from, and those that it found, with their masks.
 * @param series - Its frame keys in geometric order, columns and rows of a frame.
 */
export function staleMasks(
  without: readonly Plane[],
  seen: readonly PlaneMask[],
  older: readonly OlderPropagation[],
  series: { readonly frameKeys: readonly FrameKey[]; readonly columns: number; readonly rows: number },
): { readonly plane: Plane; readonly masks: FrameMask[] }[] {
  const planes = new Set(seen.map(({ plane }) => planeKeyOf(plane)));
  const same = older
    .filter(({ plane }) => plane.axis === seen[0]?.plane.axis)
    .map(({ plane, masks }) => {
      const runs = new Map(masks.map((mask) => [mask.frame, mask.runs]));
      return { plane, on: (at: Plane) => planeMaskOf(at, (frame) => runs.get(frame), series.frameKeys, series) };
    })
    .filter(
      ({ plane, on }) =>
        planes.has(planeKeyOf(plane)) || seen.some((mask) => intersect(on(mask.plane), mask.runs).length > 0),
    );
  return without.flatMap((plane) => {
    const runs = same.reduce<Runs>((all, { on }) => union(all, on(plane)), EMPTY_RUNS);
    return runs.length === 0 ? [] : [{ plane, masks: planeMaskToFrames(plane, runs, series.frameKeys, series) }];
  });
}
