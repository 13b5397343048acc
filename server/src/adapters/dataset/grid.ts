/** A volume as files hold it: numbers on a grid, and where the grid lies. */
import type { PixelArray } from '../../ports/sliceStore.ts';

export interface Grid<A extends PixelArray = PixelArray> {
  readonly size: readonly [number, number, number];
  /** The first axis runs fastest. */
  readonly data: A;
  /** Row-major 4x4: from indices to millimetres to the right, to the front, up (RAS). */
  readonly affine: readonly (readonly number[])[];
}

/** Along each axis between voxel centres, mm: the lengths of the affine's columns. */
export const spacingOf = ({ affine }: Pick<Grid, 'affine'>): readonly [number, number, number] => {
  const length = (axis: number) => Math.hypot(...[0, 1, 2].map((row) => affine[row]?.[axis] ?? 0));
  return [length(0), length(1), length(2)];
};

/**
 * Turns a grid in its plane so that columns run to the patient's left and rows to the back, as in the images of a viewer.
 * Grids whose first two axes run neither way (sagittal, coronal) stay as they are.
 */
export function asViewed<A extends PixelArray>(grid: Grid<A>): Grid<A> {
  const flip = [0, 1].map((axis) => {
    const along = grid.affine[axis]?.[axis] ?? 0;
    return along > 0.7 * (spacingOf(grid)[axis] ?? 0);
  });
  const [columns, rows] = grid.size;
  const data = grid.data.slice() as A;
  const planes = data.length / (columns * rows);
  for (let k = 0, at = 0; k < planes; k++)
    for (let j = 0; j < rows; j++)
      for (let i = 0; i < columns; i++, at++) {
        const [x, y] = [flip[0] ? columns - 1 - i : i, flip[1] ? rows - 1 - j : j];
        data[at] = grid.data[(k * rows + y) * columns + x] ?? 0;
      }
  return { ...grid, data };
}
