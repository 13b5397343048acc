import { encodeRuns, forEachRun, type FrameKey, type Plane, type Runs } from '@ohif-medsam/protocol';

/**
 * Cuts the mask of one plane out of the masks of the acquired frames: the way back from `planeMaskToFrames`.
 * @param runsOf - Mask of a frame, row-major over `size.columns`; nothing for an empty one.
 * @param frames - All frame keys in geometric order.
 * @param size - Columns and rows of a frame.
 * @returns Mask of the plane's image, row-major over the columns that `planeSize` gives.
 */
export function planeMaskOf(
  plane: Plane,
  runsOf: (frame: FrameKey) => Runs | undefined,
  frames: readonly FrameKey[],
  size: { readonly columns: number; readonly rows: number },
): Runs {
  if (plane.axis === 'k') return runsOf(plane.frame) ?? [];
  const width = plane.axis === 'i' ? size.rows : size.columns;
  const mask = new Uint8Array(width * frames.length);
  for (const [k, frame] of frames.entries()) {
    forEachRun(runsOf(frame) ?? [], (start, end) => {
      if (plane.axis === 'j') {
        const row = plane.index * size.columns;
        const [from, to] = [Math.max(start, row) - row, Math.min(end, row + size.columns) - row];
        if (from < to) mask.fill(1, k * width + from, k * width + to);
      } else {
        const first = Math.ceil((start - plane.index) / size.columns);
        for (let j = first; j * size.columns + plane.index < end; j++) mask[k * width + j] = 1;
      }
    });
  }
  return encodeRuns(mask);
}
