/**
 * [x0, y0, x1, y1]: columns and rows of a plane's image, 0-based pixel indices, both corners inclusive.
 */
export type Box = readonly [x0: number, y0: number, x1: number, y1: number];

/** The fewest pixels that a box may have on each side. */
export const MIN_BOX_PIXELS = 2;

/**
 * Says why a box cannot be used on an image, or nothing if it can. A box may reach over the edge; it must touch the image.
 */
export function boxProblem(box: Box, size: { readonly columns: number; readonly rows: number }): string | undefined {
  if (!box.every(Number.isFinite)) return `Its corners must be numbers, got [${box.join(', ')}].`;
  const [x0, y0, x1, y1] = box;
  if (x1 < x0 || y1 < y0) return `Its second corner lies before the first: [${box.join(', ')}].`;
  if (x1 - x0 + 1 < MIN_BOX_PIXELS || y1 - y0 + 1 < MIN_BOX_PIXELS)
    return `It is ${String(x1 - x0 + 1)} x ${String(y1 - y0 + 1)} pixels.`;
  if (x1 < 0 || y1 < 0 || x0 >= size.columns || y0 >= size.rows)
    return `[${box.join(', ')}] lies outside the image of ${String(size.columns)} x ${String(size.rows)}.`;
  return undefined;
}

/** The part of a box inside the image. */
export const clipBox = (box: Box, size: { readonly columns: number; readonly rows: number }): Box => [
  Math.max(0, box[0]),
  Math.max(0, box[1]),
  Math.min(size.columns - 1, box[2]),
  Math.min(size.rows - 1, box[3]),
];

/** A box with `margin` pixels more on each side. */
export const growBox = (box: Box, margin: number): Box => [
  box[0] - margin,
  box[1] - margin,
  box[2] + margin,
  box[3] + margin,
];
