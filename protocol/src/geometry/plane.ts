import type { Runs } from '../mask/runs.ts';
import type { FrameKey } from './seriesGeometry.ts';

/**
 * A plane of a series in which one can draw a box.
 * - axis k: one acquired frame; image columns are i, rows are j.
 * - axis i: all voxels with column `index`; image columns are j, rows are k.
 * - axis j: all voxels with row `index`; image columns are i, rows are k.
 * k counts the frames in geometric order.
 */
export type Plane =
  { readonly axis: 'k'; readonly frame: FrameKey } | { readonly axis: 'i' | 'j'; readonly index: number };

export const planeKeyOf = (plane: Plane): string =>
  plane.axis === 'k' ? `k:${plane.frame}` : `${plane.axis}:${String(plane.index)}`;

/** The part of a mask that lies in one frame. */
export interface FrameMask {
  readonly frame: FrameKey;
  readonly runs: Runs;
}

/**
 * Brings a mask drawn in any plane back to the acquired frames.
 * @param runs - Mask of the plane's image, row-major over `columnsOf(plane)` columns.
 * @param frames - All frame keys in geometric order.
 * @param size - Columns and rows of a frame.
 * @returns One entry per frame that the mask touches.
 */
export function planeMaskToFrames(
  plane: Plane,
  runs: Runs,
  frames: readonly FrameKey[],
  size: { readonly columns: number; readonly rows: number },
): FrameMask[] {
  if (plane.axis === 'k') return runs.length === 0 ? [] : [{ frame: plane.frame, runs }];
  const width = plane.axis === 'i' ? size.rows : size.columns;
  const byFrame = new Map<number, number[]>();
  for (let n = 0; n + 1 < runs.length; n += 2) {
    let at = runs[n] ?? 0;
    const end = at + (runs[n + 1] ?? 0);
    while (at < end) {
      const k = Math.floor(at / width);
      const until = Math.min(end, (k + 1) * width);
      const out = byFrame.get(k) ?? [];
      byFrame.set(k, out);
      if (plane.axis === 'j') out.push(plane.index * size.columns + (at - k * width), until - at);
      else for (let p = at; p < until; p++) out.push((p - k * width) * size.columns + plane.index, 1);
      at = until;
    }
  }
  return [...byFrame].flatMap(([k, frameRuns]) => {
    const frame = frames[k];
    return frame === undefined ? [] : [{ frame, runs: frameRuns }];
  });
}

/** Columns and rows of a plane's image, in pixels. */
export function planeSize(
  plane: Plane,
  size: { readonly columns: number; readonly rows: number; readonly frames: number },
): { columns: number; rows: number } {
  switch (plane.axis) {
    case 'k':
      return { columns: size.columns, rows: size.rows };
    case 'i':
      return { columns: size.rows, rows: size.frames };
    case 'j':
      return { columns: size.columns, rows: size.frames };
  }
}
