import { forEachRun, planeKeyOf, type FrameMask, type Plane, type PropagationEnded } from '@ohif-medsam/protocol';
import type { UnfinishedPropagation } from '../segmentation/index.ts';

/**
 * What there is to say of a propagation that was interrupted, from the masks that it left.
 * @param planes - Every plane along the axis of the propagation, in order.
 * @param columns - Of a frame.
 */
export function whereItStood(
  seriesUid: string,
  { propagationId, segmentId, plane, masks }: UnfinishedPropagation,
  planes: readonly Plane[],
  columns: number,
): PropagationEnded {
  const order = new Map(planes.map((each, at) => [planeKeyOf(each), at]));
  const start = order.get(planeKeyOf(plane)) ?? 0;
  const done = new Set(masks.flatMap((mask) => numbersOf(mask, plane.axis, columns, order)));
  done.delete(start);
  const [first, last] = [Math.min(start, ...done), Math.max(start, ...done)];
  const reached = {
    forward: last > start ? (planes[last] ?? null) : null,
    backward: first < start ? (planes[first] ?? null) : null,
  };
  const [forward, backward] = [reached.forward && 'interrupted', reached.backward && 'interrupted'] as const;
  return { seriesUid, propagationId, segmentId, planes: done.size, forward, backward, reached };
}

/** The numbers of the planes in which the mask of a frame has pixels. */
function numbersOf(
  { frame, runs }: FrameMask,
  axis: Plane['axis'],
  columns: number,
  order: ReadonlyMap<string, number>,
): number[] {
  if (axis === 'k') {
    const at = order.get(planeKeyOf({ axis, frame }));
    return at === undefined ? [] : [at];
  }
  const numbers = new Set<number>();
  forEachRun(runs, (begin, end) => {
    for (let p = begin; p < end; p++) numbers.add(axis === 'i' ? p % columns : Math.floor(p / columns));
  });
  return [...numbers];
}
