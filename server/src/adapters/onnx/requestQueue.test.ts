import { describe, expect, it } from 'vitest';
import type { Priority } from '../../ports/inferenceEngine.ts';
import { RequestQueue } from './requestQueue.ts';

const fill = (queue: RequestQueue<{ priority: Priority }>, priority: Priority) => {
  let count = 0;
  try {
    for (; count < 1_000; count++) queue.add({ priority });
  } catch {
    return count;
  }
  return count;
};

describe('the queue', () => {
  it('has room for a person however much runs in the background', () => {
    const queue = new RequestQueue<{ priority: Priority }>(10);
    expect(fill(queue, 'propagation')).toBe(5);
    expect(fill(queue, 'prefetch')).toBe(0);
    expect(fill(queue, 'prompt')).toBe(5);
    expect(() => queue.add({ priority: 'prompt' })).toThrow(expect.objectContaining({ code: 'engine-busy' }));
    expect(queue.next()?.priority).toBe('prompt');
  });

  it('tells when to come again, by what requests take', () => {
    const queue = new RequestQueue<{ priority: Priority }>(10, (requests) => requests * 41);
    expect(fill(queue, 'prompt')).toBe(10);
    expect(() => queue.add({ priority: 'prompt' })).toThrow(/Try again in 300 ms/);
  });
});
