/**
 * How alike two masks of one image are: overlap (Dice) and agreement of outlines (normalised surface Dice), the two
 * measures of the MedSAM challenge.
 */
import { countPixels, decodeRuns, type Runs } from './runs.ts';
import { intersect } from './sets.ts';

/** Dice similarity coefficient, 0 to 1. Two empty masks are equal: 1. */
export function dice(a: Runs, b: Runs): number {
  const total = countPixels(a) + countPixels(b);
  return total === 0 ? 1 : (2 * countPixels(intersect(a, b))) / total;
}

/** Distance of outlines, in pixels, up to which they agree; 2 in the protocol of the MedSAM challenge. */
const SURFACE_TOLERANCE_PX = 2;

/**
 * Normalised surface Dice, 0 to 1: the share of both outlines' pixels that lie within `tolerance` of the other outline. An
 * outline is the pixels of a mask with one of their four neighbours outside of it or of the image. Distances are Euclidean,
 * between pixel centres. Two empty masks are equal (1); an empty one and another have nothing in common (0). The challenge
 * weighs pieces of outline between pixels by their length instead; its number is mostly higher, by less than 0.05 at 2 px.
 * @param columns - Width of the image, pixels.
 * @param rows - Height of the image, pixels.
 * @param tolerance - Pixels.
 * @throws RangeError if a run reaches over the image.
 * @see Nikolov et al., Deep learning to achieve clinically applicable segmentation of head and neck anatomy (2018)
 */
export function surfaceDice(a: Runs, b: Runs, columns: number, rows: number, tolerance = SURFACE_TOLERANCE_PX): number {
  const [edgeA, edgeB] = [outline(a, columns, rows), outline(b, columns, rows)];
  const total = edgeA.length + edgeB.length;
  if (total === 0) return 1;
  return (
    (countNear(edgeA, edgeB, columns, rows, tolerance) + countNear(edgeB, edgeA, columns, rows, tolerance)) / total
  );
}

/** Flat indices of the outline's pixels, ascending. */
function outline(runs: Runs, columns: number, rows: number): number[] {
  const mask = decodeRuns(runs, columns * rows);
  const edge: number[] = [];
  for (let y = 0, at = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++, at++) {
      if (mask[at] === 0) continue;
      const inner = x > 0 && x < columns - 1 && y > 0 && y < rows - 1;
      if (!inner || !mask[at - 1] || !mask[at + 1] || !mask[at - columns] || !mask[at + columns]) edge.push(at);
    }
  }
  return edge;
}

/** How many pixels of `edge` have one of `other` within the tolerance. */
function countNear(edge: number[], other: number[], columns: number, rows: number, tolerance: number): number {
  const marked = new Uint8Array(columns * rows);
  for (const at of other) marked[at] = 1;
  const offsets = disc(tolerance);
  return edge.filter((at) => {
    const y = Math.floor(at / columns);
    const x = at - y * columns;
    return offsets.some(([dx, dy]) => {
      const [u, v] = [x + dx, y + dy];
      return u >= 0 && u < columns && v >= 0 && v < rows && marked[v * columns + u] === 1;
    });
  }).length;
}

/** Steps to all pixels within `radius`, nearest first. */
function disc(radius: number): (readonly [dx: number, dy: number])[] {
  const reach = Math.floor(radius);
  const steps: (readonly [number, number])[] = [];
  for (let dy = -reach; dy <= reach; dy++)
    for (let dx = -reach; dx <= reach; dx++) if (dx * dx + dy * dy <= radius * radius) steps.push([dx, dy]);
  return steps.sort((p, q) => Math.hypot(...p) - Math.hypot(...q));
}
