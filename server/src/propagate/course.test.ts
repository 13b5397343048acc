import { describe, expect, it } from 'vitest';
import { courseUpTo, type Course } from './course.ts';

const after = (...scores: number[]) =>
  scores.reduce<Course | undefined>((before, score) => courseUpTo(score, before), undefined);
const many = (score: number) => Array<number>(100).fill(score);

describe('the shortfall', () => {
  it('grows where masks are a little worse each', () => {
    expect(after(0.9, 0.6, 0.6, 0.6)?.shortfall).toBeCloseTo(0.6, 5);
    expect(after(0.7, 0.6, 0.6)?.shortfall).toBeCloseTo(0.2, 5);
  });

  it('does not where a model is never surer, or surer than it need be', () => {
    expect(after(...many(0.55))?.shortfall).toBe(0);
    expect(after(0.99, ...many(0.81))?.shortfall).toBe(0);
  });

  it('goes where better ones make up for a bad one', () => {
    expect(after(0.9, 0.5, 0.95, 0.95)?.shortfall).toBeCloseTo(0, 5);
    expect(after(0.9, 0.5, 0.8, 0.5)?.shortfall).toBeCloseTo(0.6, 5);
  });
});

describe('the certainty', () => {
  it('is the score, less what the masks before lacked', () => {
    expect(after(0.95)?.certainty).toBe(0.95);
    expect(after(0.7)?.certainty).toBe(0.7);
    expect(after(0.7, 0.95)?.certainty).toBeCloseTo(0.75, 5);
    expect(after(0.7, 0.95, 0.95, 0.95, 0.95, 0.95)?.certainty).toBeCloseTo(0.95, 5);
    expect(after(...many(0.5))?.certainty).toBe(0);
  });
});
