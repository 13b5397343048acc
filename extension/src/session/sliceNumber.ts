import { frameKeyOf, type Plane } from '@ohif-medsam/protocol';
import type { SessionState } from './state.ts';

/**
 * Numbers the planes of a series from 1 as the viewer does in the corner of a viewport: acquired slices in its own order, which may
 * run against the geometric one, planes of a reformat along their axis. 0 is a frame that the series does not have.
 */
export function sliceNumbers(series: SessionState['series']): (plane: Plane) => number {
  const order = new Map(series?.frames.map((frame, n) => [frameKeyOf(frame), n + 1]));
  return (plane) => (plane.axis === 'k' ? (order.get(plane.frame) ?? 0) : plane.index + 1);
}
