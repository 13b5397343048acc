import type { Box } from '../geometry/box.ts';

/**
 * A binary mask of one image as run lengths: start, length, start, length ... over the row-major flat pixel index
 * (row * columns + column); ascending, disjoint and not touching, lengths at least 1. An empty array is an empty mask.
 */
export type Runs = readonly number[];

export const EMPTY_RUNS: Runs = [];

/** @param mask - One byte per pixel, row-major; anything but 0 is inside. */
export function encodeRuns(mask: Uint8Array): Runs {
  const runs: number[] = [];
  const { length } = mask;
  let at = 0;
  while (at < length) {
    while (at < length && mask[at] === 0) at++;
    if (at === length) break;
    const start = at;
    while (at < length && mask[at] !== 0) at++;
    runs.push(start, at - start);
  }
  return runs;
}

/**
 * @param pixels - rows * columns of the image.
 * @returns One byte per pixel, row-major, 0 or `value`.
 * @throws RangeError if a run reaches over the image.
 */
export function decodeRuns(runs: Runs, pixels: number, value = 1): Uint8Array {
  const mask = new Uint8Array(pixels);
  forEachRun(runs, (start, end) => {
    if (end > pixels) throw new RangeError(`run ends at ${String(end)} of ${String(pixels)} pixels`);
    mask.fill(value, start, end);
  });
  return mask;
}

/** Calls `visit` with the half-open interval [start, end) of each run. */
export function forEachRun(runs: Runs, visit: (start: number, end: number) => void): void {
  for (let n = 0; n + 1 < runs.length; n += 2) {
    const start = runs[n] ?? 0;
    visit(start, start + (runs[n + 1] ?? 0));
  }
}

/** Whether the numbers are a canonical mask of an image of `pixels` pixels. */
export function areRuns(runs: Runs, pixels = Number.MAX_SAFE_INTEGER): boolean {
  if (runs.length % 2 !== 0) return false;
  let last = -1;
  for (let n = 0; n < runs.length; n += 2) {
    const start = runs[n] ?? -1;
    const length = runs[n + 1] ?? 0;
    if (!Number.isInteger(start) || !Number.isInteger(length) || start <= last || length < 1 || start < 0) return false;
    last = start + length;
  }
  return last <= pixels;
}

/** Number of pixels inside. */
export function countPixels(runs: Runs): number {
  let count = 0;
  for (let n = 1; n < runs.length; n += 2) count += runs[n] ?? 0;
  return count;
}

/** Tight box around a mask in pixel indices, inclusive; undefined if it is empty. */
export function boxOfRuns(runs: Runs, columns: number): Box | undefined {
  let [x0, x1] = [Infinity, -Infinity];
  let [y0, y1] = [Infinity, -Infinity];
  forEachRun(runs, (start, end) => {
    const first = Math.floor(start / columns);
    const last = Math.floor((end - 1) / columns);
    const spans = first !== last;
    x0 = Math.min(x0, spans ? 0 : start - first * columns);
    x1 = Math.max(x1, spans ? columns - 1 : end - 1 - last * columns);
    y0 = Math.min(y0, first);
    y1 = Math.max(y1, last);
  });
  return x1 < x0 ? undefined : [x0, y0, x1, y1];
}
