import { describe, expect, it } from 'vitest';
import type { Priority } from '../../ports/inferenceEngine.ts';
import { RequestQueue, type Queued } from './requestQueue.ts';

/** Asks until there is no room. @returns How often there was. */
const fill = (queue: RequestQueue<Queued>, priority: Priority, client: string) => {
  let count = 0;
  try {
    for (; count < 1_000; count++) queue.add({ priority, client });
  } catch {
    return count;
  }
  return count;
};
const busy = expect.objectContaining({ code: 'engine-busy' }) as unknown;

describe('the queue', () => {
  it('has room for a person however much runs in the background', () => {
    const queue = new RequestQueue<Queued>(12);
    expect(fill(queue, 'propagation', 'Ada')).toBe(3);
    expect(fill(queue, 'propagation', 'Bob')).toBe(3);
    expect(fill(queue, 'propagation', 'Eve')).toBe(0);
    expect(fill(queue, 'prompt', 'Ada')).toBe(3);
    expect(fill(queue, 'prompt', 'Eve')).toBe(3);
    expect(() => queue.add({ priority: 'prompt', client: 'Bob' })).toThrow(busy);
    expect(queue.next()?.priority).toBe('prompt');
  });

  it('has room for propagations however much is guessed, also of those who guess', () => {
    const queue = new RequestQueue<Queued>(16);
    expect(fill(queue, 'prefetch', 'Ada')).toBe(2);
    expect(fill(queue, 'prefetch', 'Bob')).toBe(2);
    expect(fill(queue, 'prefetch', 'Eve')).toBe(0);
    expect(fill(queue, 'propagation', 'Ada')).toBe(2);
    expect(fill(queue, 'propagation', 'Eve')).toBe(2);
  });

  it('is not filled by one client alone', () => {
    const queue = new RequestQueue<Queued>(10);
    expect(fill(queue, 'prompt', 'Ada')).toBe(5);
    expect(fill(queue, 'prompt', 'Bob')).toBe(5);
  });

  it('tells when to come again, by what requests take', () => {
    const queue = new RequestQueue<Queued>(10, (requests) => requests * 41);
    fill(queue, 'prompt', 'Ada');
    expect(() => queue.add({ priority: 'prompt', client: 'Ada' })).toThrow(/Try again in 200 ms/);
    fill(queue, 'prompt', 'Bob');
    expect(() => queue.add({ priority: 'prompt', client: 'Eve' })).toThrow(/Try again in 300 ms/);
  });

  it('lets clients take turns, and each of them keep its order', () => {
    const queue = new RequestQueue<Queued & { readonly n: number }>(20);
    for (const n of [1, 2, 3, 4]) queue.add({ priority: 'propagation', client: 'Ada', n });
    for (const n of [5, 6]) queue.add({ priority: 'propagation', client: 'Bob', n });
    queue.add({ priority: 'propagation', client: 'Eve', n: 7 });
    expect(Array.from({ length: 7 }, () => queue.next()?.n)).toEqual([1, 5, 7, 2, 6, 3, 4]);
    expect(queue.next()).toBeUndefined();
  });

  it('lets nobody hold up propagation by scrolling, nor a person by either', () => {
    const queue = new RequestQueue<Queued>(20);
    const served: (Priority | undefined)[] = [];
    for (let n = 0; n < 3; n++) queue.add({ priority: 'propagation', client: 'Ada' });
    for (let n = 0; n < 6; n++) {
      queue.add({ priority: 'visible', client: 'Bob' });
      if (n === 1) queue.add({ priority: 'prompt', client: 'Eve' });
      served.push(queue.next()?.priority);
    }
    expect(served).toEqual(['visible', 'prompt', 'propagation', 'visible', 'propagation', 'visible']);
  });
});
