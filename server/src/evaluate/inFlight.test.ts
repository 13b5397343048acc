import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { inFlight } from './inFlight.ts';

async function* numbers(until: number) {
  for (let n = 0; n < until; n++) yield await Promise.resolve(n);
}

it('answers in the order of what came, whatever is done first, with no more at once than may be', async () => {
  let [running, most] = [0, 0];
  const results = await inFlight(numbers(20), 4, async (n) => {
    most = Math.max(most, ++running);
    await wait((7 * n) % 5);
    running--;
    return n * n;
  });
  expect(results).toEqual(Array.from({ length: 20 }, (_, n) => n * n));
  expect(most).toBe(4);
});

it('fails with the first failure, and begins nothing after it', async () => {
  const begun: number[] = [];
  const run = inFlight(numbers(100), 2, async (n) => {
    begun.push(n);
    await wait(1);
    if (n === 5) throw new Error('five');
    return n;
  });
  await expect(run).rejects.toThrow('five');
  await wait(20);
  expect(Math.max(...begun)).toBeLessThan(9);
});
