/**
 * How the model's scores go on the way from a person's mask. Each mask rests on those before it: some that are a little worse each,
 * none of them bad, have lost the object more surely than a bad one alone. So what scores lack is added up, and better ones make up
 * for it (CUSUM: Page, Continuous inspection schemes, Biometrika 41, 1954).
 */
export interface Course {
  /** The best score. */
  readonly best: number;
  /** What scores lacked of the best before them, 0 and more. */
  readonly shortfall: number;
  /** What they lacked of {@link SURE}, likewise. */
  readonly lack: number;
  /** What to think of the last mask, 0 to 1: its score less what those before it lacked of being sure. */
  readonly certainty: number;
}

/** As good as any: what scores better makes up for others, and asks for no more. */
const GOOD = 0.8;
/** Of what is sure in itself. A model that never is so is the less certain the further it goes; it is not stopped by that. */
const SURE = 0.9;

const START: Course = { best: 0, shortfall: 0, lack: 0, certainty: 1 };

/** @param score - Of the next mask, 0 to 1. @param before - Left out after a mask that a person made. */
export function courseUpTo(score: number, before: Course = START): Course {
  const best = Math.max(before.best, score);
  return {
    best,
    shortfall: Math.max(0, before.shortfall + Math.min(best, GOOD) - score),
    lack: Math.max(0, before.lack + SURE - score),
    certainty: Math.max(0, score - before.lack),
  };
}
