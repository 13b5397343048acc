import { expect, it } from 'vitest';
import { firstOfEachSet, sampleOf } from './choose.ts';

const item = (set: string, image: string, ...ids: number[]) => ({ set, image, objects: ids.map((id) => ({ id })) });

it('takes the first objects of each set, and leaves out images of which none is taken', () => {
  const items = [item('a', '1', 1, 2), item('b', '2', 1), item('a', '3', 1, 2), item('a', '4', 1)];
  expect(firstOfEachSet(items, 3)).toEqual([item('a', '1', 1, 2), item('b', '2', 1), item('a', '3', 1)]);
  expect(firstOfEachSet(items, Infinity)).toEqual(items);
});

it('samples the same names in whatever order they come, and keeps most of them when others join', () => {
  const names = Array.from({ length: 200 }, (_, n) => `name ${String(n)}`);
  const sample = sampleOf(names, 20);
  expect(sample.size).toBe(20);
  expect([...sampleOf([...names].reverse(), 20)].sort()).toEqual([...sample].sort());
  const among = sampleOf([...names, 'another'], 20);
  expect([...sample].filter((name) => among.has(name)).length).toBeGreaterThanOrEqual(19);
});
