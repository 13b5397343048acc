import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { latest } from './latest.ts';

describe('latest', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('[LA1] tells the first at once, drops what is outdated, and always tells the last', () => {
    const told: number[] = [];
    const tell = latest(80, (value: number) => told.push(value));
    for (const value of [1, 2, 3]) tell(value);
    expect(told).toEqual([1]);
    vi.advanceTimersByTime(80);
    expect(told).toEqual([1, 3]);
    vi.advanceTimersByTime(500);
    tell(4);
    expect(told).toEqual([1, 3, 4]);
  });
});
