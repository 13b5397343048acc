/** What a box alone gives. A model that does not beat both has learned nothing. */
import { encodeRuns, type Box, type Runs } from '@ohif-medsam/protocol';
import type { SliceImage } from '../ports/inferenceEngine.ts';

/** The ellipse inscribed in the box. @param box - Pixel indices, inclusive, inside the image. */
export function inscribedEllipse(box: Box, columns: number, rows: number): Runs {
  const [cx, cy] = [(box[0] + box[2] + 1) / 2, (box[1] + box[3] + 1) / 2];
  const [rx, ry] = [(box[2] + 1 - box[0]) / 2, (box[3] + 1 - box[1]) / 2];
  return maskInBox(box, columns, rows, (x, y) => ((x + 0.5 - cx) / rx) ** 2 + ((y + 0.5 - cy) / ry) ** 2 <= 1);
}

/**
 * Otsu's threshold on the grey values in the box. The object is the side that most of the box's middle (half of each axis)
 * is on.
 * @param box - Pixel indices, inclusive, inside the image.
 * @see Otsu, A threshold selection method from gray-level histograms (1979)
 */
export function otsuInBox(image: SliceImage, box: Box): Runs {
  const { columns, rows } = image;
  const grey = (x: number, y: number) => greyAt(image, y * columns + x);
  const histogram = new Float64Array(256);
  for (let y = box[1]; y <= box[3]; y++) for (let x = box[0]; x <= box[2]; x++) histogram[grey(x, y)]! += 1;
  const threshold = otsuThreshold(histogram);
  const [quarterX, quarterY] = [(box[2] + 1 - box[0]) / 4, (box[3] + 1 - box[1]) / 4];
  let [bright, count] = [0, 0];
  for (let y = Math.floor(box[1] + quarterY); y < Math.ceil(box[3] + 1 - quarterY); y++)
    for (let x = Math.floor(box[0] + quarterX); x < Math.ceil(box[2] + 1 - quarterX); x++, count++)
      if (grey(x, y) > threshold) bright++;
  const isBright = bright >= count / 2;
  return maskInBox(box, columns, rows, (x, y) => grey(x, y) > threshold === isBright);
}

/** The grey value that splits a histogram into two classes of largest variance between them. */
function otsuThreshold(histogram: Float64Array): number {
  const total = histogram.reduce((sum, n) => sum + n, 0);
  const moment = histogram.reduce((sum, n, value) => sum + n * value, 0);
  let [best, threshold, below, belowMoment] = [-1, 0, 0, 0];
  for (let value = 0; value < 255; value++) {
    below += histogram[value]!;
    belowMoment += histogram[value]! * value;
    if (below === 0 || below === total) continue;
    const between = (belowMoment * total - moment * below) ** 2 / (below * (total - below));
    if (between > best) [best, threshold] = [between, value];
  }
  return threshold;
}

/** Luma of ITU-R BT.601, 0 to 255. */
function greyAt({ components, pixels }: SliceImage, at: number): number {
  if (components === 1) return pixels[at]!;
  return Math.round(0.299 * pixels[3 * at]! + 0.587 * pixels[3 * at + 1]! + 0.114 * pixels[3 * at + 2]!);
}

function maskInBox(box: Box, columns: number, rows: number, inside: (x: number, y: number) => boolean): Runs {
  const mask = new Uint8Array(columns * rows);
  for (let y = box[1]; y <= box[3]; y++)
    for (let x = box[0]; x <= box[2]; x++) if (inside(x, y)) mask[y * columns + x] = 1;
  return encodeRuns(mask);
}
