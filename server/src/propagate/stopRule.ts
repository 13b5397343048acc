import {
  countPixels,
  decodeRuns,
  forEachRun,
  type Box,
  type Plane,
  type Runs,
  type StopReason,
} from '@ohif-medsam/protocol';
import type { SliceImage } from '../ports/inferenceEngine.ts';
import type { Course } from './course.ts';

/** What the rule knows of one plane. */
export interface Finding {
  readonly image: SliceImage;
  /** Over the whole image. */
  readonly runs: Runs;
  /** The model's own estimate, 0 to 1; nothing for a mask that a person made. */
  readonly score?: number;
  /** How sure the model was on the way to here; nothing likewise. */
  readonly course?: Course;
  /** The box that the model was given, likewise. */
  readonly box?: Box;
  /** How well the mask parts the object's grey levels, as on the first plane, from others (appearance.ts). */
  readonly separation: number;
}

/** How a mask differs from the one on the plane before. */
export interface Change {
  readonly pixels: number;
  /** The model's own estimate, 0 to 1. */
  readonly score: number;
  /** As of {@link Course}. */
  readonly shortfall: number;
  readonly certainty: number;
  /** Area over that of the mask before. */
  readonly growth: number;
  /** Shared pixels over those of the smaller mask, once their middles are laid over each other. */
  readonly overlap: number;
  /** Separation over that on the first plane. */
  readonly separation: number;
  /** Difference of the mean grey levels inside, over their deviation inside the mask before. */
  readonly brightness: number;
  /** Share of the box's outline that the mask touches: what fills its box may go on beyond. */
  readonly border: number;
}

/** @param plane - The one that changed so. @returns Why to end before it, or nothing to go on with it. */
export type StopRule = (change: Change, plane: Plane) => StopReason | undefined;

/** Limits of what still is the same object. */
export interface StopLimits {
  readonly pixels: number;
  readonly score: number;
  readonly shortfall: number;
  readonly growth: number;
  readonly shrinkage: number;
  readonly overlap: number;
  readonly separation: number;
  readonly brightness: number;
  readonly border: number;
}

/**
 * Fitted by `npm run fit-stop-rule` on training volumes that the embedded model was not trained on and on the phantom, never on
 * evaluation data. Fewer pixels than `pixels` are noise, which nothing was fitted to.
 */
export const STOP: StopLimits = {
  pixels: 6,
  score: 0.4,
  shortfall: 0.5,
  growth: 4,
  shrinkage: 0.1,
  overlap: 0.3,
  separation: 0.4,
  brightness: 10,
  border: 1,
};

/**
 * Decides whether a mask that was carried to the next plane still shows the object. A box model that is asked about a box
 * finds something nearly everywhere, and is sure of it: what gives it away is that the mask's outline no longer runs between
 * what looks like the object and what does not.
 * @returns Why to stop without this mask, or nothing to go on with it.
 */
export function stopReason(change: Change, limits: StopLimits = STOP): StopReason | undefined {
  if (change.pixels < limits.pixels) return 'object-ended';
  if (change.separation < limits.separation || change.brightness > limits.brightness) return 'object-ended';
  if (change.score < limits.score || change.shortfall > limits.shortfall) return 'object-lost';
  if (change.growth > limits.growth || change.growth < limits.shrinkage) return 'object-lost';
  return change.overlap < limits.overlap || change.border > limits.border ? 'object-lost' : undefined;
}

/** @param hasLearnedScore - Of the model: shortfalls of scores that mean little would add up to anything. */
export const stopRuleFor = (hasLearnedScore: boolean): StopRule => {
  const limits = hasLearnedScore ? STOP : { ...STOP, shortfall: Infinity };
  return (change) => stopReason(change, limits);
};

/**
 * @param first - On the plane that the person prompted.
 * @param previous - On the plane before this one; its mask is not empty.
 */
export function changeOf(first: Finding, previous: Finding, next: Finding): Change {
  const [before, pixels] = [countPixels(previous.runs), countPixels(next.runs)];
  const { score = 1, course } = next;
  const none = {
    pixels,
    score,
    shortfall: course?.shortfall ?? 0,
    certainty: course?.certainty ?? 1,
    growth: 0,
    overlap: 0,
    separation: 0,
    brightness: 0,
    border: 0,
  };
  if (pixels === 0) return none;
  const [there, here] = [greysOf(previous), greysOf(next)];
  return {
    ...none,
    growth: pixels / before,
    overlap: sharedAfterMotion(previous, next) / Math.min(before, pixels),
    separation: relative(first, next.separation),
    brightness: Math.abs(here.mean - there.mean) / Math.max(there.deviation, LEAST_DEVIATION),
    border: next.box ? touched(next.runs, next.box, next.image) : 0,
  };
}

/** Whether a mask of this separation still outlines what looks like the object of the first plane. */
export const resembles = (first: Finding, separation: number): boolean =>
  relative(first, separation) >= STOP.separation;

/** A first mask that parts nothing asks for nothing. */
const relative = (first: Finding, separation: number): number =>
  first.separation > 0 ? separation / first.separation : 1;

/** Grey levels of 256: what windowing and noise alone make. */
const LEAST_DEVIATION = 4;

function greysOf({ image, runs }: Finding): { readonly mean: number; readonly deviation: number } {
  let [sum, squares, count] = [0, 0, 0];
  forEachRun(runs, (start, end) => {
    for (let at = start * image.components; at < end * image.components; at++) {
      const grey = image.pixels[at] ?? 0;
      sum += grey;
      squares += grey * grey;
      count++;
    }
  });
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)) };
}

function sharedAfterMotion(previous: Finding, next: Finding): number {
  const { columns, rows } = next.image;
  const [from, to] = [middleOf(previous), middleOf(next)];
  const [dx, dy] = [Math.round(to[0] - from[0]), Math.round(to[1] - from[1])];
  const size = previous.image;
  const before = decodeRuns(previous.runs, size.columns * size.rows);
  let shared = 0;
  forEachPixel(next.runs, columns, (x, y) => {
    const [left, above] = [x - dx, y - dy];
    const isIn = left >= 0 && left < size.columns && above >= 0 && above < Math.min(rows, size.rows);
    if (isIn && before[above * size.columns + left]) shared++;
  });
  return shared;
}

function middleOf({ runs, image }: Finding): readonly [x: number, y: number] {
  let [sumX, sumY] = [0, 0];
  forEachPixel(runs, image.columns, (x, y) => {
    sumX += x;
    sumY += y;
  });
  const pixels = countPixels(runs);
  return [sumX / pixels, sumY / pixels];
}

/** Share of the pixels along a box's four sides that are in the mask; a side on the image's own edge does not count. */
function touched(runs: Runs, [x0, y0, x1, y1]: Box, { columns, rows }: SliceImage): number {
  const isInside = { left: x0 > 0, top: y0 > 0, right: x1 < columns - 1, bottom: y1 < rows - 1 };
  let count = 0;
  forEachPixel(runs, columns, (x, y) => {
    if (x < x0 || x > x1 || y < y0 || y > y1) return;
    if (isInside.left && x === x0) count++;
    if (isInside.right && x === x1) count++;
    if (isInside.top && y === y0) count++;
    if (isInside.bottom && y === y1) count++;
  });
  return count / (2 * (x1 - x0 + 1) + 2 * (y1 - y0 + 1));
}

function forEachPixel(runs: Runs, columns: number, visit: (x: number, y: number) => void): void {
  forEachRun(runs, (start, end) => {
    for (let at = start; at < end; at++) visit(at % columns, Math.floor(at / columns));
  });
}
