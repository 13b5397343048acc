/**
 * The arithmetic around a crop model: from an image and a box to the network's input, and from its logits to a mask.
 *
 * Coordinates are continuous pixels: pixel (column x, row y) covers [x, x + 1) x [y, y + 1), its centre lies at + 0.5. The
 * weights were trained on crops made by `models/python/medsam_models/crop.py`; a fixture made there holds the two together.
 */
import { decodeRuns, type Box, type Runs } from '@ohif-medsam/protocol';
import {
  NO_CORRECTIONS,
  type Corrections,
  type PixelPoint,
  type SliceBeside,
  type SliceImage,
} from '../../../ports/inferenceEngine.ts';
import { CHANNELS, type CropContract } from './cropCard.ts';

/** The part of the image that a crop shows, continuous pixels; it may reach over the edge. */
export interface Region {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** Channels of the tensor after the three of colour. */
const [BOX, INSIDE, OUTSIDE, MASK, BESIDE] = [3, 4, 5, 6, 7];
/** Crop pixels around a point that its channel marks. */
const POINT_RADIUS = 4;

export interface Crop {
  /**
   * [8, size, size]: red, green, blue in 0..1 (grey is repeated); how much of the pixel the box covers; discs around the points
   * inside, and outside; how much of the pixel the mask covers, an earlier one or that of the slice beside; that slice in 0..1,
   * the mean of its colours.
   */
  readonly tensor: Float32Array;
  readonly region: Region;
}

/** The region for a box: centred on it, `context` times as large. @param box - Pixel indices, inclusive. */
export function regionAround(box: Box, { context, maxStretch }: CropContract): Region {
  const width = box[2] + 1 - box[0];
  const height = box[3] + 1 - box[1];
  if (!(width > 0 && height > 0)) throw new RangeError(`box is empty or inverted: [${box.join(', ')}]`);
  const least = Math.max(width, height) / maxStretch;
  const halfWidth = (Math.max(width, least) * context) / 2;
  const halfHeight = (Math.max(height, least) * context) / 2;
  const [cx, cy] = [box[0] + width / 2, box[1] + height / 2];
  return { x0: cx - halfWidth, y0: cy - halfHeight, x1: cx + halfWidth, y1: cy + halfHeight };
}

/** For each output pixel of an axis: the first input pixel that counts, how many do, and their weights one after another. */
interface AxisWeights {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Float32Array;
  readonly widest: number;
}

/**
 * A triangle filter of one output pixel's radius, never less than one input pixel's: bilinear when enlarging, anti-aliased when
 * shrinking. Weights sum to 1 over an endless axis; what falls outside of the image is lost, as if padded with 0.
 */
function triangleWeights(start: number, stop: number, length: number, size: number): AxisWeights {
  const scale = (stop - start) / size;
  const radius = Math.max(scale, 1);
  // A box may be far larger than the image: memory is needed for the pixels that there are only.
  const widest = Math.min(Math.ceil(2 * radius) + 1, length);
  const axis = {
    first: new Int32Array(size),
    count: new Int32Array(size),
    weights: new Float32Array(size * widest),
    widest,
  };
  for (let i = 0; i < size; i++) {
    const centre = start + (i + 0.5) * scale;
    const low = Math.ceil(centre - radius - 0.5);
    const high = Math.floor(centre + radius - 0.5);
    const weightAt = (n: number) => Math.max(0, 1 - Math.abs(n + 0.5 - centre) / radius);
    const sum = triangleSum(low, high, centre, radius);
    const first = Math.max(low, 0);
    const count = Math.max(0, Math.min(high, length - 1) - first + 1);
    axis.first[i] = first;
    axis.count[i] = count;
    for (let n = 0; n < count; n++) axis.weights[i * widest + n] = weightAt(first + n) / sum;
  }
  return axis;
}

/** Sum of the weights 1 - |n + 0.5 - centre| / radius of the pixels low..high, without visiting each of them. */
function triangleSum(low: number, high: number, centre: number, radius: number): number {
  const middle = Math.max(low, Math.ceil(centre - 0.5));
  const [before, behind] = [middle - low, high - middle + 1];
  const distances = before * (centre - 0.5 - (low + middle - 1) / 2) + behind * ((middle + high) / 2 + 0.5 - centre);
  return before + behind - distances / radius;
}

/** How much of each output pixel of the region [start, stop) lies in [lower, upper). */
function coverage(start: number, stop: number, lower: number, upper: number, size: number): Float32Array {
  const step = (stop - start) / size;
  return Float32Array.from({ length: size }, (_, i) => {
    const covered = Math.min(start + (i + 1) * step, upper) - Math.max(start + i * step, lower);
    return Math.max(covered, 0) / step;
  });
}

/** Pixels to be resampled: row-major, components interleaved, `white` becoming 1. */
type Pixels = Pick<SliceImage, 'columns' | 'components' | 'pixels'> & { readonly white: number };

/** Resamples one component of an interleaved image into `out` [size, size], scaled to 0..1. */
function resample(image: Pixels, component: number, across: AxisWeights, down: AxisWeights, out: Float32Array): void {
  const { columns, components, pixels, white } = image;
  const size = across.first.length;
  const [firstRow, endRow] = rowsUsed(down);
  const narrow = new Float32Array(Math.max(0, endRow - firstRow) * size);
  for (let y = firstRow; y < endRow; y++) {
    const row = y * columns;
    for (let i = 0; i < size; i++) {
      const first = across.first[i]!;
      let sum = 0;
      for (let n = 0; n < across.count[i]!; n++)
        sum += across.weights[i * across.widest + n]! * pixels[(row + first + n) * components + component]!;
      narrow[(y - firstRow) * size + i] = sum;
    }
  }
  out.fill(0);
  for (let j = 0; j < size; j++) {
    for (let n = 0; n < down.count[j]!; n++) {
      const weight = down.weights[j * down.widest + n]! / white;
      const from = (down.first[j]! + n - firstRow) * size;
      for (let i = 0; i < size; i++) out[j * size + i]! += weight * narrow[from + i]!;
    }
  }
}

function rowsUsed(down: AxisWeights): [first: number, end: number] {
  let [first, end] = [Infinity, 0];
  for (let j = 0; j < down.first.length; j++) {
    if (down.count[j] === 0) continue;
    first = Math.min(first, down.first[j]!);
    end = Math.max(end, down.first[j]! + down.count[j]!);
  }
  return end === 0 ? [0, 0] : [first, end];
}

/**
 * The network's input for one box.
 * @param image - Windowed to 8 bit; row-major, RGB interleaved.
 * @param box - Pixel indices, inclusive; must touch the image.
 * @param corrections - What is known besides the box, in the image's pixels.
 * @param beside - The slice beside, as large as `image`; its mask stands in the place of an earlier one.
 * @throws RangeError if the box is empty or inverted.
 */
export function cropAround(
  image: SliceImage,
  box: Box,
  contract: CropContract,
  corrections: Corrections = NO_CORRECTIONS,
  beside?: SliceBeside,
): Crop {
  const { size } = contract;
  const region = regionAround(box, contract);
  const across = triangleWeights(region.x0, region.x1, image.columns, size);
  const down = triangleWeights(region.y0, region.y1, image.rows, size);
  const plane = size * size;
  const tensor = new Float32Array(CHANNELS * plane);
  const channel = (n: number) => tensor.subarray(n * plane, (n + 1) * plane);
  for (let component = 0; component < 3; component++) {
    if (component < image.components) resample({ ...image, white: 255 }, component, across, down, channel(component));
    else channel(component).set(channel(0));
  }
  const columns = coverage(region.x0, region.x1, box[0], box[2] + 1, size);
  const rows = coverage(region.y0, region.y1, box[1], box[3] + 1, size);
  const boxes = channel(BOX);
  for (let j = 0; j < size; j++) for (let i = 0; i < size; i++) boxes[j * size + i] = rows[j]! * columns[i]!;
  for (const point of corrections.inside) drawDisc(channel(INSIDE), point, region, size);
  for (const point of corrections.outside) drawDisc(channel(OUTSIDE), point, region, size);
  const mask = beside?.mask ?? corrections.mask;
  if (mask) {
    const pixels = decodeRuns(mask, image.columns * image.rows);
    resample({ columns: image.columns, components: 1, pixels, white: 1 }, 0, across, down, channel(MASK));
  }
  if (beside) meanOfColours(beside.image, across, down, channel(BESIDE));
  return { tensor, region };
}

/** The mean of an image's components, resampled into `out` [size, size], 0..1. */
function meanOfColours(image: SliceImage, across: AxisWeights, down: AxisWeights, out: Float32Array): void {
  const { components } = image;
  const colour = new Float32Array(out.length);
  for (let component = 0; component < components; component++) {
    resample({ ...image, white: 255 }, component, across, down, colour);
    for (let at = 0; at < out.length; at++) out[at]! += colour[at]! / components;
  }
}

/** Sets to 1 what lies within {@link POINT_RADIUS} of the middle of a pixel of the image. */
function drawDisc(plane: Float32Array, [column, row]: PixelPoint, region: Region, size: number): void {
  const x = (column + 0.5 - region.x0) * (size / (region.x1 - region.x0));
  const y = (row + 0.5 - region.y0) * (size / (region.y1 - region.y0));
  const first = (at: number) => Math.max(0, Math.ceil(at - POINT_RADIUS - 0.5));
  const last = (at: number) => Math.min(size - 1, Math.floor(at + POINT_RADIUS - 0.5));
  for (let j = first(y); j <= last(y); j++)
    for (let i = first(x); i <= last(x); i++)
      if ((i + 0.5 - x) ** 2 + (j + 0.5 - y) ** 2 <= POINT_RADIUS ** 2) plane[j * size + i] = 1;
}

/** Where the pixel centres of [first, end) of an axis lie among the `size` logits: the lower neighbour and the way to the next. */
function samplePoints(start: number, stop: number, length: number, size: number) {
  const perPixel = size / (stop - start);
  const position = (pixel: number) => (pixel + 0.5 - start) * perPixel - 0.5;
  let first = Math.max(0, Math.floor(start) - 1);
  while (first < length && position(first) < -0.5) first++;
  let end = Math.min(length, Math.ceil(stop) + 1);
  while (end > first && position(end - 1) >= size - 0.5) end--;
  const lower = new Int32Array(Math.max(0, end - first));
  const way = new Float64Array(lower.length);
  for (let n = 0; n < lower.length; n++) {
    const at = Math.min(Math.max(position(first + n), 0), size - 1);
    lower[n] = Math.min(Math.floor(at), size - 2);
    way[n] = at - lower[n]!;
  }
  return { first, lower, way };
}

/**
 * The mask over the whole image: logits read at each pixel's centre (bilinear), above `threshold`; nothing outside of the region.
 * @param logits - [size, size], row-major.
 * @param columns - Width of the image.
 * @param rows - Height of the image.
 */
export function maskFromLogits(
  logits: Float32Array,
  region: Region,
  columns: number,
  rows: number,
  threshold: number,
): Runs {
  const size = Math.sqrt(logits.length);
  const x = samplePoints(region.x0, region.x1, columns, size);
  const y = samplePoints(region.y0, region.y1, rows, size);
  const line = new Float64Array(size);
  const runs: number[] = [];
  for (let n = 0; n < y.lower.length; n++) {
    const above = y.lower[n]! * size;
    const down = y.way[n]!;
    for (let i = 0; i < size; i++) line[i] = logits[above + i]! * (1 - down) + logits[above + size + i]! * down;
    const start = (y.first + n) * columns + x.first;
    for (let m = 0; m < x.lower.length; m++) {
      const left = x.lower[m]!;
      const across = x.way[m]!;
      if (line[left]! * (1 - across) + line[left + 1]! * across > threshold) pushPixel(runs, start + m);
    }
  }
  return runs;
}

function pushPixel(runs: number[], pixel: number): void {
  const last = runs.length - 2;
  if (last >= 0 && runs[last]! + runs[last + 1]! === pixel) runs[last + 1]! += 1;
  else runs.push(pixel, 1);
}
