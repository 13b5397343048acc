import type { Plane, SeriesFrame } from '@ohif-medsam/protocol';

/** What it is called in the patient to go on along a plane's axis, and back. */
export interface Directions {
  readonly forward: string;
  readonly backward: string;
}

type Vector = readonly [number, number, number];

/** Ends of the patient's axes x, y, z: LPS points left, to the back, and to the head. */
const ENDS = [
  ['right', 'left'],
  ['front', 'back'],
  ['feet', 'head'],
] as const;

const WITHOUT_GEOMETRY: Directions = { forward: 'Later slices', backward: 'Earlier slices' };

/** Along which way in the patient (LPS) the index of a plane grows; undefined for images without geometry. */
function growth(plane: Plane, frames: readonly SeriesFrame[]): Vector | undefined {
  const [first, last] = [frames[0], frames.at(-1)];
  if (!first?.position || !last?.position || !first.orientation) return undefined;
  const [a, b, c, d, e, f] = first.orientation;
  if (plane.axis === 'i') return [a, b, c];
  if (plane.axis === 'j') return [d, e, f];
  return [0, 1, 2].map((n) => (last.position?.[n] ?? 0) - (first.position?.[n] ?? 0)) as unknown as Vector;
}

/**
 * The patient's axis (0 to 2: x, y, z) that the index of a plane follows most closely, and whether it ascends with it; undefined
 * where nothing is known of it.
 * @param frames - In geometric order; of reformats any order will do.
 */
export function headingOf(
  plane: Plane,
  frames: readonly SeriesFrame[],
): { readonly axis: number; readonly ascends: boolean } | undefined {
  const vector = growth(plane, frames) ?? [0, 0, 0];
  const sizes = vector.map(Math.abs);
  const axis = sizes.indexOf(Math.max(...sizes));
  const along = vector[axis];
  return along ? { axis, ascends: along > 0 } : undefined;
}

/**
 * Names the two ways in which a mask can be carried on from a plane by the end of the body that they lead to most directly.
 * @param frames - In geometric order.
 */
export function directionsOf(plane: Plane, frames: readonly SeriesFrame[]): Directions {
  const heading = headingOf(plane, frames);
  const ends = heading && ENDS[heading.axis];
  if (!ends) return WITHOUT_GEOMETRY;
  const [low, high] = ends.map((end) => `Towards the ${end}`) as [string, string];
  return heading.ascends ? { forward: high, backward: low } : { forward: low, backward: high };
}
