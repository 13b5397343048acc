import { frameKeyOf, type Plane } from '@ohif-medsam/protocol';
import { headingOf } from './directions.ts';
import type { SessionState } from './state.ts';

/** Whether the viewer counts reformats up the patient's axes x, y and z: along the normals of its cameras (`mprCameraValues`). */
const COUNTED_UP = [true, false, false];

/**
 * Numbers the planes of a series from 1 as the viewer does in the corner of a viewport: acquired slices in its own order, which may
 * run against the geometric one, planes of a reformat along its camera's normal. 0 is a frame that the series does not have.
 */
export function sliceNumbers(series: SessionState['series']): (plane: Plane) => number {
  const frames = series?.frames ?? [];
  const order = new Map(frames.map((frame, n) => [frameKeyOf(frame), n + 1]));
  return (plane) => {
    if (plane.axis === 'k') return order.get(plane.frame) ?? 0;
    const heading = headingOf(plane, frames);
    const count = (plane.axis === 'i' ? frames[0]?.columns : frames[0]?.rows) ?? 0;
    return heading && heading.ascends !== COUNTED_UP[heading.axis] ? count - plane.index : plane.index + 1;
  };
}
