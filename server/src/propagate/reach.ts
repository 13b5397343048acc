import { AppError, planePositionsMm, type Plane, type PropagationStart, type SeriesFrame } from '@ohif-medsam/protocol';

/**
 * How many planes one way a propagation may reach.
 * @param ahead - The planes of that way, nearest first.
 * @param frames - Of the series; needed where the reach is one in mm.
 * @throws AppError `input-invalid` if it is, and the series has no geometry.
 */
export function reachOf(
  { plane, reach = Infinity, reachMm }: PropagationStart,
  ahead: readonly Plane[],
  frames: readonly SeriesFrame[],
): number {
  const most = Math.min(reach, ahead.length);
  if (reachMm === undefined) return most;
  const [from, ...positions] = planePositionsMm([plane, ...ahead], frames);
  const isWithin = (mm: number | undefined) => {
    if (from === undefined || mm === undefined)
      throw new AppError('input-invalid', 'These images do not say how far apart they are: give the range in slices.');
    return Math.abs(mm - from) <= reachMm + TOLERANCE_MM;
  };
  const beyond = positions.findIndex((mm) => !isWithin(mm));
  return beyond < 0 ? most : Math.min(most, beyond);
}

/** Positions are written with some four digits. */
const TOLERANCE_MM = 1e-3;
