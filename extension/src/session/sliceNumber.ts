import { frameKeyOf, type Plane } from '@ohif-medsam/protocol';
import { headingOf } from './directions.ts';
import type { SessionState } from './state.ts';

/** Whether the viewer counts planes of a volume up the patient's axes x, y and z: along the normals of its cameras (`mprCameraValues`). */
const COUNTED_UP = [true, false, false];

/**
 * Numbers the planes of a series from 1 as the viewer does in the corner of the viewport in view: acquired slices of a stack in its own
 * order, which may run against the geometric one, all planes of a volume along its camera's normal. 0 is a frame that the series does
 * not have.
 */
export function sliceNumbers({
  series,
  frames,
  inVolume,
}: Pick<SessionState, 'series' | 'frames' | 'inVolume'>): (plane: Plane) => number {
  const places = new Map((inVolume ? frames : (series?.frames ?? [])).map((frame, n) => [frameKeyOf(frame), n]));
  const alongNormal = (plane: Plane, place: number, count = 0) => {
    const heading = headingOf(plane, frames);
    return heading && heading.ascends !== COUNTED_UP[heading.axis] ? count - place : place + 1;
  };
  return (plane) => {
    if (plane.axis !== 'k')
      return alongNormal(plane, plane.index, plane.axis === 'i' ? frames[0]?.columns : frames[0]?.rows);
    const place = places.get(plane.frame);
    if (place === undefined) return 0;
    return inVolume ? alongNormal(plane, place, frames.length) : place + 1;
  };
}
