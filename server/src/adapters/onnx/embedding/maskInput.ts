import { forEachRun, type Runs } from '@ohif-medsam/protocol';

/** Logit of a pixel that lies wholly in the mask, and less this of one wholly outside: as good as certain, and not infinite. */
const CERTAIN = 10;

/**
 * A mask as a decoder of SAM takes it: the logits of the answer before. A pixel gets the share of it that the mask covers,
 * from -10 (nothing) to 10 (all).
 * @param image - Size of the image that the runs are of, and the part of the `side` x `side` result that it fills; beyond it
 * there is nothing.
 * @returns [side, side], row-major.
 */
export function maskInput(
  runs: Runs,
  image: { readonly columns: number; readonly rows: number },
  shown: { readonly columns: number; readonly rows: number },
  side: number,
): Float32Array {
  const [scaleX, scaleY] = [shown.columns / image.columns, shown.rows / image.rows];
  const covered = new Float64Array(side * side);
  forEachRun(runs, (start, end) => {
    for (let from = start; from < end;) {
      const y = Math.floor(from / image.columns);
      const to = Math.min(end, (y + 1) * image.columns);
      const left = (from - y * image.columns) * scaleX;
      const right = (to - y * image.columns) * scaleX;
      eachCell(y * scaleY, (y + 1) * scaleY, side, (row, height) =>
        eachCell(left, right, side, (column, width) => (covered[row * side + column]! += width * height)),
      );
      from = to;
    }
  });
  return Float32Array.from(covered, (share) => CERTAIN * (2 * Math.min(1, share) - 1));
}

/** Visits the cells [n, n + 1) that the interval touches, with the length of it in each. */
function eachCell(start: number, end: number, cells: number, visit: (cell: number, length: number) => void): void {
  for (let n = Math.max(0, Math.floor(start)); n < end && n < cells; n++)
    visit(n, Math.min(end, n + 1) - Math.max(start, n));
}
