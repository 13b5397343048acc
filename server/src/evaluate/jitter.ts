/** What is lost when the box is not the tight one. */
import type { ObjectScore, Score } from './evaluateModel.ts';
import { BOX_MOVES } from './moveBox.ts';
import { meanScore } from './statistics.ts';

export interface Jitter {
  /** Number of objects that were asked about with every box. */
  readonly n: number;
  /** Means with the tight box of the same objects. */
  readonly tight: Score;
  /** Means, by the name of the move (moveBox.ts). */
  readonly moved: Readonly<Record<string, Score>>;
}

export function jitterOf(scores: readonly ObjectScore[]): Jitter {
  const swept = scores.flatMap(({ model, moved }) => (moved ? [{ model, moved }] : []));
  const byMove = BOX_MOVES.map(
    ({ name }) => [name, meanScore(swept.flatMap(({ moved }) => moved[name] ?? []))] as const,
  );
  return { n: swept.length, tight: meanScore(swept.map(({ model }) => model)), moved: Object.fromEntries(byMove) };
}

/** Each set counts alike; sets without an object in the sweep do not count. */
export function meanJitter(sets: readonly Jitter[]): Jitter {
  const some = sets.filter(({ n }) => n > 0);
  const byMove = BOX_MOVES.map(
    ({ name }) => [name, meanScore(some.flatMap(({ moved }) => moved[name] ?? []))] as const,
  );
  return {
    n: some.reduce((sum, { n }) => sum + n, 0),
    tight: meanScore(some.map(({ tight }) => tight)),
    moved: Object.fromEntries(byMove),
  };
}
