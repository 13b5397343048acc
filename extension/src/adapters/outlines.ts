import { boxOfRuns, forEachRun, type Runs } from '@ohif-medsam/protocol';
import { contours } from 'd3-contour';

/**
 * The outlines of a mask, holes among them, as closed polygons.
 * @param runs - Mask over an image, row-major.
 * @param columns - Of that image.
 * @returns Points in the image's pixel indices: a pixel's centre is a pair of integers.
 */
export function outlinesOf(runs: Runs, columns: number): (readonly [x: number, y: number])[][] {
  const box = boxOfRuns(runs, columns);
  if (!box) return [];
  // One empty pixel all around, so that every outline closes.
  const [left, top] = [box[0] - 1, box[1] - 1];
  const [width, height] = [box[2] - box[0] + 3, box[3] - box[1] + 3];
  const inside = new Array<number>(width * height).fill(0);
  forEachRun(runs, (start, end) => {
    for (let at = start; at < end; at++) inside[(Math.floor(at / columns) - top) * width + (at % columns) - left] = 1;
  });
  // Of d3 a pixel's centre lies half a pixel from its corner.
  const { coordinates } = contours().size([width, height]).smooth(false).contour(inside, 0.5);
  return coordinates.flat().map((ring) => ring.map(([x = 0, y = 0]) => [x - 0.5 + left, y - 0.5 + top] as const));
}
