import { AppError } from '@ohif-medsam/protocol';
import type { Priority } from '../../ports/inferenceEngine.ts';

/** Highest first. */
const ORDER: readonly Priority[] = ['prompt', 'visible', 'propagation', 'prefetch'];

/** Work that nobody waits for in front of the screen. */
const BACKGROUND: readonly Priority[] = ['propagation', 'prefetch'];

/** Waiting work by priority; first come, first served within one. Bounded, so that a flood fails early and clearly. */
export class RequestQueue<T extends { readonly priority: Priority }> {
  readonly #waiting: Record<Priority, T[]> = { prompt: [], visible: [], propagation: [], prefetch: [] };
  readonly #capacity: number;
  readonly #waitMs: (requests: number) => number;

  /**
   * @param capacity - Most requests that wait.
   * @param waitMs - How long so many requests take, by what is known: whoever finds no room is told when to come again.
   */
  constructor(capacity: number, waitMs: (requests: number) => number = () => 0) {
    this.#capacity = capacity;
    this.#waitMs = waitMs;
  }

  get size(): number {
    return this.#sizeOf(ORDER);
  }

  #sizeOf(priorities: readonly Priority[]): number {
    return priorities.reduce((sum, priority) => sum + this.#waiting[priority].length, 0);
  }

  /** @throws AppError `engine-busy` if as many requests wait as may; half the room is kept for people who wait. */
  add(request: T): void {
    const isBackground = BACKGROUND.includes(request.priority);
    const capacity = isBackground ? Math.ceil(this.#capacity / 2) : this.#capacity;
    if ((isBackground ? this.#sizeOf(BACKGROUND) : this.size) >= capacity)
      throw new AppError('engine-busy', this.#tellWhen(capacity));
    this.#waiting[request.priority].push(request);
  }

  /** Half of what waits has to go before there is room again for more than the next one who asks. */
  #tellWhen(capacity: number): string {
    const ms = Math.ceil(this.#waitMs(capacity / 2) / 100) * 100;
    const when = ms > 0 ? ` Try again in ${String(ms)} ms.` : '';
    return `${String(capacity)} requests are waiting already.${when}`;
  }

  /** For a request that was taken out and could not be served: it goes before all others of its priority. */
  putBack(request: T): void {
    this.#waiting[request.priority].unshift(request);
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
