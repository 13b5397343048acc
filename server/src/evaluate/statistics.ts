/** Numbers about many numbers. All are rounded to four places, so that a report of the same scores is the same text. */
import type { Score } from './evaluateModel.ts';

export interface Spread {
  readonly mean: number;
  readonly median: number;
  /** First and third quartile. */
  readonly iqr: readonly [number, number];
}

export const round = (value: number): number => Math.round(value * 1e4) / 1e4;

export const mean = (values: readonly number[]): number =>
  round(values.reduce((sum, value) => sum + value, 0) / values.length);

export const meanScore = (scores: readonly Score[]): Score => ({
  dice: mean(scores.map(({ dice }) => dice)),
  nsd: mean(scores.map(({ nsd }) => nsd)),
});

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { mean: mean(values), median: quantile(sorted, 0.5), iqr: [quantile(sorted, 0.25), quantile(sorted, 0.75)] };
}

/** Linear interpolation between the two nearest values, as numpy does. @param sorted - Ascending. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const below = sorted[low] ?? NaN;
  return round(below + ((sorted[low + 1] ?? below) - below) * (at - low));
}

/** Pearson's r of pairs; null where one side does not vary, and so nothing can be said. */
export function correlation(pairs: readonly (readonly [x: number, y: number])[]): number | null {
  const [meanX, meanY] = [0, 1].map((side) => pairs.reduce((sum, pair) => sum + (pair[side] ?? 0), 0) / pairs.length);
  let [xx, yy, xy] = [0, 0, 0];
  for (const [x, y] of pairs) {
    const [dx, dy] = [x - (meanX ?? 0), y - (meanY ?? 0)];
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  // Sums of squares of rounding errors are no variation.
  return xx < 1e-12 || yy < 1e-12 ? null : round(xy / Math.sqrt(xx * yy));
}
