import { describe, expect, it } from 'vitest';
import { GOOD_CHANGE } from '../../propagate/fixtures/goodChange.ts';
import { STOP } from '../../propagate/index.ts';
import { crossValidated, fitStopRule, worth, outcomeOf, poorByCertainty } from './fitStopRule.ts';
import type { Step, WalkRecord } from './recordWalk.ts';

/** A step on the object, or beyond it, where the model says so by its score. */
const onObject: Step = { change: GOOD_CHANGE, found: 100, right: 100, truth: 100 };
const beyond = (score: number): Step => ({
  change: { ...GOOD_CHANGE, score, certainty: score },
  found: 100,
  right: 0,
  truth: 0,
});

const walkOf = (volume: string, ...ways: Step[][]): WalkRecord => ({
  set: 's',
  volume,
  object: 1,
  voxels: 100 * (1 + ways.flat().filter(({ truth }) => truth > 0).length),
  start: { found: 100, right: 100 },
  ways,
});
const limits = { ...STOP, score: 0.5 };

describe('a rule on a recorded walk', () => {
  it('ends it where two steps in a row are refused, and counts what was passed before', () => {
    const walk = walkOf('a', [onObject, onObject, beyond(0.9), beyond(0.2), beyond(0.2)], [onObject]);
    expect(outcomeOf(walk, limits)).toEqual({ dice: 800 / 900, leaked: 1 });
  });

  it('jumps one that is refused alone', () => {
    const doubtful = { ...onObject, change: { ...GOOD_CHANGE, score: 0.1 } };
    expect(outcomeOf(walkOf('a', [onObject, doubtful, onObject], []), limits).dice).toBe(1);
    const twice = outcomeOf(walkOf('a', [onObject, doubtful, doubtful, onObject], []), limits).dice;
    expect(twice).toBeCloseTo((2 * 200) / (200 + 500), 10);
  });
});

it('tells how many of the masks that stay are poor, below a certainty and from it on', () => {
  const half = { ...onObject, right: 50 };
  const walk = walkOf('a', [onObject, half, beyond(0.6), beyond(0.1), beyond(0.1), onObject], [onObject]);
  expect(poorByCertainty([walk], limits, 0.8)).toEqual({ share: 1 / 4, below: 1, others: 1 / 3 });
});

describe('a fitted rule', () => {
  const walks = ['a', 'b', 'c'].map((name) =>
    walkOf(name, [onObject, onObject, beyond(0.55), beyond(0.5)], [onObject, beyond(0.58), beyond(0.4)]),
  );

  it('ends walks where the objects end', () => {
    const fitted = fitStopRule(walks);
    expect(worth(walks, fitted)).toBe(1);
    expect(fitted.score).toBeGreaterThan(0.58);
    expect(fitted.score).toBeLessThan(0.9);
  });

  it('leaves a limit mild that nothing asks for', () => {
    const { growth, shrinkage, overlap, brightness } = fitStopRule(walks);
    expect({ growth, shrinkage, overlap, brightness }).toEqual({
      growth: 4,
      shrinkage: 0.1,
      overlap: 0.3,
      brightness: 10,
    });
  });

  it('is judged on volumes that it was not fitted to', () => {
    const odd = walkOf('odd', [onObject, beyond(0.85), beyond(0.85)], []);
    const outcomes = crossValidated([...walks, odd]);
    expect(outcomes).toHaveLength(4);
    // None of the others tells that so sure a step may lie beyond.
    expect(outcomes.find(({ walk }) => walk === odd)?.leaked).toBe(2);
  });
});
