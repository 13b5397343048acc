import type { Slice } from '../ports/sliceStore.ts';

/** More pixels than this add nothing to a percentile, and sorting them would hold up the server. */
const SAMPLES = 16_384;

/**
 * Percentiles of the modality values of a slice's foreground: what is not padding, not 0 and finite. Large slices are
 * sampled evenly.
 * @param percents - 0 to 100, ascending.
 * @returns One modality value (after slope and intercept) each, linearly interpolated; 0 where there is no foreground.
 */
export function percentilesOf<const P extends readonly number[]>(slice: Slice, percents: P): { [K in keyof P]: number };
export function percentilesOf(slice: Slice, percents: readonly number[]): number[] {
  const { pixels, slope, intercept, padding } = slice;
  const [from, to] = padding ?? [Infinity, -Infinity];
  // Odd, so that it does not run along a column of an image with an even width.
  const stride = Math.max(1, Math.ceil(pixels.length / SAMPLES)) | 1;
  const values = new Float64Array(Math.ceil(pixels.length / stride));
  let count = 0;
  for (let at = 0; at < pixels.length; at += stride) {
    const stored = pixels[at] ?? 0;
    if (stored >= from && stored <= to) continue;
    const value = stored * slope + intercept;
    if (Number.isFinite(value) && value !== 0) values[count++] = value;
  }
  const foreground = values.subarray(0, count).sort();
  return percents.map((percent) => {
    const position = (percent / 100) * (count - 1);
    const lower = foreground[Math.floor(position)] ?? 0;
    const upper = foreground[Math.ceil(position)] ?? 0;
    return lower + (upper - lower) * (position - Math.floor(position));
  });
}
