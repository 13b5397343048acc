/** What is lost when the box is not the tight one. */
import type { ObjectScore, Score } from './evaluateModel.ts';
import { BOX_MOVES } from './moveBox.ts';
import { mean } from './statistics.ts';

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

export function meanJitter(sets: readonly Jitter[]): Jitter {
  const byMove = BOX_MOVES.map(
    ({ name }) => [name, meanScore(sets.flatMap(({ moved }) => moved[name] ?? []))] as const,
  );
  return {
    n: sets.reduce((sum, { n }) => sum + n, 0),
    tight: meanScore(sets.map(({ tight }) => tight)),
    moved: Object.fromEntries(byMove),
  };
}

const meanScore = (scores: readonly Score[]): Score => ({
  dice: mean(scores.map(({ dice }) => dice)),
  nsd: mean(scores.map(({ nsd }) => nsd)),
});
