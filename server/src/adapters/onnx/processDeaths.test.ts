import { expect, it } from 'vitest';
import { ProcessDeaths } from './processDeaths.ts';

const attempt = { key: 'model cuda', what: 'A model (GPU)', limitMs: 1000 };

it('a load is tried again after a process that died of it, and not after two in a row', () => {
  const deaths = new ProcessDeaths();
  deaths.note('died', attempt);
  expect(deaths.deadly).toEqual({});
  deaths.note('died again', attempt);
  expect(deaths.deadly).toEqual({ 'model cuda': 'died again' });
});

it('what hung is not waited for twice', () => {
  const deaths = new ProcessDeaths();
  deaths.note('hung', attempt, true);
  expect(deaths.deadly).toEqual({ 'model cuda': 'hung' });
});

it('a load that has succeeded since was not what the process died of', () => {
  const deaths = new ProcessDeaths();
  deaths.note('died', attempt);
  deaths.noteLoaded();
  deaths.note('died', attempt);
  expect(deaths.deadly).toEqual({});
});

it('processes that die in a row come back later each time, and are given up; not while there is something to pass over', () => {
  const deaths = new ProcessDeaths();
  const delays = Array.from({ length: 5 }, () => {
    deaths.note('died');
    return deaths.delayMs;
  });
  expect(delays).toEqual([100, 200, 400, 800, 1600]);
  expect(deaths).toMatchObject({ hopeless: true, last: 'died' });
  for (const key of ['a', 'a', 'b', 'b', 'c', 'c']) {
    deaths.note('died', { ...attempt, key });
    if (deaths.deadly[key] !== undefined) expect(deaths).toMatchObject({ hopeless: false, delayMs: 100 });
  }
});
