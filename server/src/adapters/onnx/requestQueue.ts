import { AppError } from '@ohif-medsam/protocol';
import type { Priority } from '../../ports/inferenceEngine.ts';

/** Highest first. */
const ORDER: readonly Priority[] = ['prompt', 'visible', 'propagation', 'prefetch'];

/** Waiting work by priority; first come, first served within one. Bounded, so that a flood fails early and clearly. */
export class RequestQueue<T extends { readonly priority: Priority }> {
  readonly #waiting: Record<Priority, T[]> = { prompt: [], visible: [], propagation: [], prefetch: [] };
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return ORDER.reduce((sum, priority) => sum + this.#waiting[priority].length, 0);
  }

  /** @throws AppError `engine-busy` if as many requests wait as may. */
  add(request: T): void {
    if (this.size >= this.#capacity)
      throw new AppError('engine-busy', `${String(this.#capacity)} requests are waiting already.`);
    this.#waiting[request.priority].push(request);
  }

  remove(request: T): void {
    const line = this.#waiting[request.priority];
    const at = line.indexOf(request);
    if (at >= 0) line.splice(at, 1);
  }

  next(): T | undefined {
    for (const priority of ORDER) {
      const request = this.#waiting[priority].shift();
      if (request) return request;
    }
    return undefined;
  }

  /** Takes everything out. */
  drain(): T[] {
    return ORDER.flatMap((priority) => this.#waiting[priority].splice(0));
  }
}
