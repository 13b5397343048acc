/** What a section found: a name with its unit, and a number. */
export type Numbers = Readonly<Record<string, number>>;

/** Why a section has no numbers on this machine. */
export interface LeftOut {
  readonly leftOut: string;
}

/** One file per section; sections run one after another, so that none disturbs another. */
export type Section = () => Promise<Numbers | LeftOut>;

/** @param share - 0.5 for the median. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
