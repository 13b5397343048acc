/** Chooses the limits of the stop rule by what they make of recorded walks. */
import { STOP, stopReason, type StopLimits } from '../../propagate/index.ts';
import type { Step, WalkRecord } from './recordWalk.ts';

/** What is tried of each limit, from the mildest on, which is no more than a guard against nonsense. */
const TRIED: Readonly<Record<Exclude<keyof StopLimits, 'pixels'>, readonly number[]>> = {
  score: [0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8],
  shortfall: [10, 3, 2, 1.5, 1, 0.7, 0.5, 0.35, 0.25],
  growth: [4, 3, 2.5, 2, 1.75, 1.5],
  shrinkage: [0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5],
  overlap: [0.3, 0.4, 0.5, 0.6, 0.7, 0.8],
  separation: [-10, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
  brightness: [10, 5, 4, 3, 2.5, 2, 1.5, 1],
  border: [1, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2],
};

/** A limit must gain so much, or it is left as mild as it is: what decides little was decided by chance. */
const WORTH = 0.004;
const ROUNDS = 4;

/**
 * What a slice costs that has a mask and no object, in 3D Dice, which hardly feels one at an object's end. A person has to go there
 * and take it off.
 */
const LEAKED_COST = 0.005;

export interface Outcome {
  /** 3D Dice, unbounded. */
  readonly dice: number;
  /** Slices with a mask on which the object is not. */
  readonly leaked: number;
}

/** Where the rule would have ended the walk, one bad slice jumped as propagation does, and what that leaves. */
export function outcomeOf(walk: WalkRecord, limits: StopLimits): Outcome {
  let { found, right } = walk.start;
  let leaked = 0;
  for (const way of walk.ways)
    for (const step of way.slice(0, endOf(way, limits))) {
      found += step.found;
      right += step.right;
      if (step.truth === 0 && step.found > 0) leaked++;
    }
  return { dice: (2 * right) / (found + walk.voxels), leaked };
}

function endOf(way: readonly Step[], limits: StopLimits): number {
  const isGood = (step: Step | undefined) => step !== undefined && stopReason(step.change, limits) === undefined;
  for (let n = 0; n < way.length; n++) {
    if (isGood(way[n])) continue;
    if (!isGood(way[n + 1])) return n;
    n++;
  }
  return way.length;
}

/** Each limit in turn, until none can be improved. Sets count alike, whatever their number of objects. */
export function fitStopRule(walks: readonly WalkRecord[]): StopLimits {
  let best: StopLimits = {
    ...STOP,
    ...Object.fromEntries(Object.entries(TRIED).map(([name, [mild]]) => [name, mild])),
  };
  let reached = worth(walks, best);
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, values] of Object.entries(TRIED)) {
      const tried = values.map((value) => ({ ...best, [name]: value }));
      const scores = tried.map((limits) => worth(walks, limits));
      const most = Math.max(...scores);
      const [limits, score] = [tried[scores.indexOf(most)], most];
      if (limits && score > reached + WORTH) [best, reached] = [limits, score];
    }
  return best;
}

/** Dice of a slice below which a mask is poor. */
const POOR = 0.7;

/** Of the masks that propagation leaves: how many are less certain than that; and the share that is poor of those, and of the others. */
export function poorByCertainty(
  walks: readonly WalkRecord[],
  limits: StopLimits,
  certainty: number,
): { readonly share: number; readonly below: number; readonly others: number } {
  const masks = walks
    .flatMap(({ ways }) => ways.flatMap((way) => way.slice(0, endOf(way, limits))))
    .filter(({ found }) => found > 0);
  const poor = (some: readonly Step[]) =>
    mean(some.map(({ right, found, truth }) => ((2 * right) / (found + truth) < POOR ? 1 : 0)));
  return {
    share: mean(masks.map(({ change }) => (change.certainty < certainty ? 1 : 0))),
    below: poor(masks.filter(({ change }) => change.certainty < certainty)),
    others: poor(masks.filter(({ change }) => change.certainty >= certainty)),
  };
}

/** 3D Dice less what is leaked: mean over sets of the mean over their objects. */
export function worth(walks: readonly WalkRecord[], limits: StopLimits): number {
  const sets = [...new Set(walks.map(({ set }) => set))];
  const of = (walk: WalkRecord) => {
    const { dice, leaked } = outcomeOf(walk, limits);
    return dice - LEAKED_COST * leaked;
  };
  return mean(sets.map((name) => mean(walks.filter(({ set }) => set === name).map(of))));
}

/** Each object by limits that were fitted to the objects of all other volumes. */
export function crossValidated(walks: readonly WalkRecord[]): readonly (Outcome & { readonly walk: WalkRecord })[] {
  const volumes = [...new Set(walks.map(({ volume }) => volume))];
  return volumes.flatMap((name) => {
    const limits = fitStopRule(walks.filter(({ volume }) => volume !== name));
    return walks.filter(({ volume }) => volume === name).map((walk) => ({ walk, ...outcomeOf(walk, limits) }));
  });
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
