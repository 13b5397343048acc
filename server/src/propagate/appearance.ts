import { boxOfRuns, clipBox, decodeRuns, encodeRuns, forEachRun, growBox, type Runs } from '@ohif-medsam/protocol';
import type { SliceImage } from '../ports/inferenceEngine.ts';

const BINS = 32;
const GREYS_PER_BIN = 256 / BINS;
/** Bell-shaped, so that noise between two bins does not decide. */
const SMOOTHING = [1, 4, 6, 4, 1] as const;
/** A grey level that one side never has is strong evidence, not endless evidence. */
const MOST_EVIDENCE = 3;
/** The surroundings: so much of the box's side around the mask, and two pixels at least. */
const SURROUNDINGS = 0.2;

/**
 * For each of 32 bins of grey levels: log of how much more often it occurs in the object than around it. Positive looks
 * like the object, negative like what lies beside it.
 */
export type Appearance = Float64Array;

/**
 * Learns from one mask what tells the object from its surroundings.
 * @param runs - The mask, over the whole image; not empty.
 */
export function learnAppearance(image: SliceImage, runs: Runs): Appearance {
  const inside = greyShares(image, runs);
  const around = greyShares(image, surroundings(image, runs));
  return inside.map((share, bin) => {
    const evidence = Math.log(share / (around[bin] ?? 1));
    return Math.max(-MOST_EVIDENCE, Math.min(MOST_EVIDENCE, evidence));
  });
}

/**
 * How well a mask on another plane parts what looks like the object from what does not: mean evidence inside minus mean
 * evidence around it. Near 0 where the mask lies in even tissue, whichever that is.
 */
export function separation(appearance: Appearance, image: SliceImage, runs: Runs): number {
  if (runs.length === 0) return 0;
  return meanEvidence(appearance, image, runs) - meanEvidence(appearance, image, surroundings(image, runs));
}

/** The mask's box, grown, without the mask. */
function surroundings(image: SliceImage, runs: Runs): Runs {
  const { columns, rows } = image;
  const box = boxOfRuns(runs, columns);
  if (!box) throw new RangeError('an empty mask has no surroundings');
  const side = Math.max(box[2] - box[0], box[3] - box[1]) + 1;
  const [x0, y0, x1, y1] = clipBox(growBox(box, Math.max(2, Math.round(side * SURROUNDINGS))), image);
  const mask = decodeRuns(runs, columns * rows);
  const around = new Uint8Array(mask.length);
  for (let y = y0; y <= y1; y++)
    for (let x = x0; x <= x1; x++) around[y * columns + x] = mask[y * columns + x] === 0 ? 1 : 0;
  return encodeRuns(around);
}

/** Share of the pixels in each bin, smoothed; every bin has at least half a pixel. */
function greyShares(image: SliceImage, runs: Runs): Float64Array {
  const counts = new Float64Array(BINS);
  let pixels = 0;
  forEachPixel(image, runs, (bin) => {
    counts[bin] = (counts[bin] ?? 0) + 1;
    pixels++;
  });
  return counts.map((_, bin) => {
    const smooth = SMOOTHING.reduce((sum, weight, n) => sum + weight * (counts[bin + n - 2] ?? 0), 0) / 16;
    return (smooth + 0.5) / (pixels + BINS / 2);
  });
}

function meanEvidence(appearance: Appearance, image: SliceImage, runs: Runs): number {
  let [sum, pixels] = [0, 0];
  forEachPixel(image, runs, (bin) => {
    sum += appearance[bin] ?? 0;
    pixels++;
  });
  return pixels === 0 ? 0 : sum / pixels;
}

/** Calls `visit` with the bin of each pixel's grey level; colour counts as the mean of its components. */
function forEachPixel({ components, pixels }: SliceImage, runs: Runs, visit: (bin: number) => void): void {
  forEachRun(runs, (start, end) => {
    for (let at = start * components; at < end * components; at += components) {
      let sum = 0;
      for (let c = 0; c < components; c++) sum += pixels[at + c] ?? 0;
      visit(Math.floor(sum / components / GREYS_PER_BIN));
    }
  });
}
