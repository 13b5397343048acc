import { planeKeyOf, planeSize, type Box, type Plane } from '@ohif-medsam/protocol';
import type { SessionState } from './state.ts';

/**
 * Where the last box on the plane in view lies in a picture of the plane.
 * @param columns - Width of the picture in pixels; it shows the whole plane.
 * @returns Left, top, width and height in the picture's pixels, pixel edges included; undefined where there is no box.
 */
export function lastBoxIn(
  { plane, document, frames }: Pick<SessionState, 'plane' | 'document' | 'frames'>,
  columns: number,
): readonly [x: number, y: number, width: number, height: number] | undefined {
  const first = frames[0];
  const box = plane && document?.prompts.findLast((prompt) => samePlane(prompt.plane, plane))?.box;
  if (!plane || !box || !first) return undefined;
  const scale = columns / planeSize(plane, { ...first, frames: frames.length }).columns;
  const [x0, y0, x1, y1]: Box = box;
  return [x0 * scale, y0 * scale, (x1 - x0 + 1) * scale, (y1 - y0 + 1) * scale];
}

const samePlane = (a: Plane, b: Plane): boolean => planeKeyOf(a) === planeKeyOf(b);
