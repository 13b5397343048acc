import { planePositionsMm, type Plane, type SeriesFrame } from '@ohif-medsam/protocol';

/**
 * Where planes lie along their normal, by which shapes between two of them are weighed: in mm, where a series may have gaps; or
 * their numbers, where images do not say how far apart they are, or lie on each other (frames of a sequence in time).
 * @param planes - In order along their axis.
 */
export function placesOf(planes: readonly Plane[], frames: readonly SeriesFrame[]): readonly number[] {
  const positions = planePositionsMm(planes, frames);
  const known = positions.filter((mm) => mm !== undefined);
  const steps = known.slice(1).map((mm, n) => mm - (known[n] ?? mm));
  const isOneWay = steps.every((step) => step > 0) || steps.every((step) => step < 0);
  return known.length === planes.length && isOneWay ? known : planes.map((_, n) => n);
}
