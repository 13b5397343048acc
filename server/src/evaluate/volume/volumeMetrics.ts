/** How alike two masks of one volume are. The 3D forms of what protocol/src/mask/metrics.ts says of images. */
import { countPixels, decodeRuns, intersect } from '@ohif-medsam/protocol';
import type { SliceMasks, TruthVolume } from './volume.ts';

type Grid = Pick<TruthVolume, 'columns' | 'rows' | 'slices' | 'spacingMm'>;

export const countVoxels = (masks: SliceMasks): number => masks.reduce((sum, runs) => sum + countPixels(runs), 0);

/** Dice similarity coefficient, 0 to 1. Two empty masks are equal: 1. */
export function volumeDice(a: SliceMasks, b: SliceMasks): number {
  const total = countVoxels(a) + countVoxels(b);
  const shared = a.reduce((sum, runs, k) => sum + countPixels(intersect(runs, b[k] ?? [])), 0);
  return total === 0 ? 1 : (2 * shared) / total;
}

/** Distance of surfaces, in mm, up to which they agree; 2 in the protocol of the MedSAM challenge. */
const SURFACE_TOLERANCE_MM = 2;

/**
 * Normalised surface Dice, 0 to 1: the share of both surfaces' voxels that lie within `toleranceMm` of the other surface. A
 * surface is the voxels of a mask with one of their six neighbours outside of it or of the volume. Distances are Euclidean,
 * between voxel centres, in the patient: where voxels are wider than the tolerance, only what agrees to the voxel counts.
 * Two empty masks are equal (1); an empty one and another have nothing in common (0).
 * @throws RangeError if a run reaches over its slice.
 */
export function volumeSurfaceDice(
  a: SliceMasks,
  b: SliceMasks,
  grid: Grid,
  toleranceMm = SURFACE_TOLERANCE_MM,
): number {
  const [surfaceA, surfaceB] = [surfaceOf(a, grid), surfaceOf(b, grid)];
  const total = surfaceA.count + surfaceB.count;
  if (total === 0) return 1;
  const steps = ball(grid, toleranceMm);
  return (countNear(surfaceA, surfaceB, grid, steps) + countNear(surfaceB, surfaceA, grid, steps)) / total;
}

interface Surface {
  /** One byte per voxel, columns fastest. */
  readonly marked: Uint8Array;
  readonly count: number;
}

function surfaceOf(masks: SliceMasks, { columns, rows, slices }: Grid): Surface {
  const pixels = columns * rows;
  const mask = new Uint8Array(pixels * slices);
  for (const [k, runs] of masks.entries()) mask.set(decodeRuns(runs, pixels), k * pixels);
  const marked = new Uint8Array(mask.length);
  let count = 0;
  forEachMarked({ marked: mask }, { columns, rows }, (x, y, z, at) => {
    const inner = x > 0 && x < columns - 1 && y > 0 && y < rows - 1 && z > 0 && z < slices - 1;
    const around = [at - 1, at + 1, at - columns, at + columns, at - pixels, at + pixels];
    if (inner && around.every((next) => mask[next] === 1)) return;
    marked[at] = 1;
    count++;
  });
  return { marked, count };
}

function forEachMarked(
  { marked }: Pick<Surface, 'marked'>,
  { columns, rows }: Pick<Grid, 'columns' | 'rows'>,
  visit: (x: number, y: number, z: number, at: number) => void,
): void {
  for (let at = marked.indexOf(1); at >= 0; at = marked.indexOf(1, at + 1)) {
    const row = Math.floor(at / columns);
    visit(at - row * columns, row % rows, Math.floor(row / rows), at);
  }
}

type Step = readonly [dx: number, dy: number, dz: number];

/** Steps to all voxels within `radiusMm`, nearest first. */
function ball({ spacingMm }: Grid, radiusMm: number): Step[] {
  const [sx, sy, sz] = spacingMm;
  const reach = (spacing: number) => Math.floor(radiusMm / spacing);
  const lengthMm = ([dx, dy, dz]: Step) => Math.hypot(dx * sx, dy * sy, dz * sz);
  const steps: Step[] = [];
  for (let dz = -reach(sz); dz <= reach(sz); dz++)
    for (let dy = -reach(sy); dy <= reach(sy); dy++)
      for (let dx = -reach(sx); dx <= reach(sx); dx++) steps.push([dx, dy, dz]);
  return steps.filter((step) => lengthMm(step) <= radiusMm).sort((p, q) => lengthMm(p) - lengthMm(q));
}

/** How many voxels of a surface have one of the other within the steps. */
function countNear(surface: Surface, other: Surface, grid: Grid, steps: readonly Step[]): number {
  const { columns, rows, slices } = grid;
  let near = 0;
  forEachMarked(surface, grid, (x, y, z) => {
    const found = steps.some(([dx, dy, dz]) => {
      const [u, v, w] = [x + dx, y + dy, z + dz];
      const isInside = u >= 0 && u < columns && v >= 0 && v < rows && w >= 0 && w < slices;
      return isInside && other.marked[(w * rows + v) * columns + u] === 1;
    });
    if (found) near++;
  });
  return near;
}
