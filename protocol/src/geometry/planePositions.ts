import type { SeriesFrame } from '../messages/series.ts';
import type { Plane } from './plane.ts';
import { frameKeyOf, frameNormal, positionAlong } from './seriesGeometry.ts';

/**
 * Where planes of one axis lie along it: frames by their positions in the patient, gaps and uneven spacing included; reformats by
 * the pixel spacing.
 * @param frames - Of the series, in any order.
 * @returns mm from a common origin, per plane; undefined where the series has no geometry.
 * @see DICOM PS3.3 C.7.6.2.1.1
 */
export function planePositionsMm(planes: readonly Plane[], frames: readonly SeriesFrame[]): (number | undefined)[] {
  const [rowSpacing, columnSpacing] = frames[0]?.pixelSpacing ?? [];
  const byKey = new Map(frames.map((frame) => [frameKeyOf(frame), frame]));
  const [first] = planes.flatMap((plane) => (plane.axis === 'k' ? (byKey.get(plane.frame) ?? []) : []));
  const normal = first && frameNormal(first);
  return planes.map((plane) => {
    if (plane.axis === 'k') {
      const frame = byKey.get(plane.frame);
      return frame && normal && positionAlong(frame, normal);
    }
    const spacing = plane.axis === 'i' ? columnSpacing : rowSpacing;
    return spacing === undefined ? undefined : plane.index * spacing;
  });
}
