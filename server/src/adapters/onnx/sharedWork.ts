import { AppError } from '@ohif-medsam/protocol';
import type { EngineRequest, Priority } from '../../ports/inferenceEngine.ts';
import { isMoreUrgent, type Queued, type RequestQueue } from './requestQueue.ts';

/** Who wants a piece of work, and how soon. */
export type Wish = Pick<EngineRequest, 'priority' | 'client' | 'signal'>;

export interface Done<A> {
  readonly answer: A;
  /** How long it took until the work began. */
  readonly queuedMs: number;
}

interface Waiter<A> {
  readonly since: number;
  resolve(done: Done<A>): void;
  reject(error: AppError): void;
}

/** One piece of work, and all who wait for it. */
export interface Job<W, A> extends Queued {
  readonly work: W;
  readonly key: string;
  readonly queuedAt: number;
  /** Highest of those who wait, and whose that is. */
  priority: Priority;
  client: string;
  startedAt?: number;
  /** Whether it was begun once before, in vain. */
  isRepeated: boolean;
  readonly waiters: Set<Waiter<A>>;
}

/** A queue of work that is done once for all who want it: whoever asks for the same while it waits or runs, waits along. */
export class SharedWork<W, A> {
  readonly #queue: RequestQueue<Job<W, A>>;
  /** What waits or runs. */
  readonly #jobs = new Map<string, Job<W, A>>();

  constructor(queue: RequestQueue<Job<W, A>>) {
    this.#queue = queue;
  }

  /** Pieces of work that wait. */
  get size(): number {
    return this.#queue.size;
  }

  /**
   * @param key - Equal for equal work.
   * @throws AppError `engine-busy`, `cancelled` by the signal, or what the work ends with.
   */
  async want(key: string, work: W, { priority, client = '', signal }: Wish): Promise<Done<A>> {
    if (signal?.aborted) throw new AppError('cancelled');
    const job = this.#jobs.get(key) ?? this.#begin({ key, work, priority, client });
    if (isMoreUrgent(priority, job.priority) && this.#queue.remove(job)) {
      Object.assign(job, { priority, client });
      this.#queue.readmit(job);
    }
    let cancel = () => {};
    try {
      return await new Promise<Done<A>>((resolve, reject) => {
        const waiter: Waiter<A> = { since: performance.now(), resolve, reject };
        job.waiters.add(waiter);
        cancel = () => {
          job.waiters.delete(waiter);
          // What runs already cannot be stopped, and others may come yet that want the same.
          if (job.waiters.size === 0 && this.#queue.remove(job)) this.#jobs.delete(key);
          reject(new AppError('cancelled'));
        };
        signal?.addEventListener('abort', cancel, { once: true });
      });
    } finally {
      // A propagation asks thousands of times under one signal.
      signal?.removeEventListener('abort', cancel);
    }
  }

  #begin(facts: Pick<Job<W, A>, 'key' | 'work' | 'priority' | 'client'>): Job<W, A> {
    const job: Job<W, A> = { ...facts, queuedAt: performance.now(), isRepeated: false, waiters: new Set() };
    this.#queue.add(job);
    this.#jobs.set(job.key, job);
    return job;
  }

  /** What is to be done next; whoever takes it ends it by {@link resolve} or {@link reject}. */
  next(isMeant?: (job: Job<W, A>) => boolean): Job<W, A> | undefined {
    const job = this.#queue.next(isMeant);
    if (job) job.startedAt = performance.now();
    return job;
  }

  resolve(job: Job<W, A>, answer: A): void {
    this.#jobs.delete(job.key);
    const { startedAt = 0 } = job;
    for (const waiter of job.waiters) waiter.resolve({ answer, queuedMs: Math.max(0, startedAt - waiter.since) });
  }

  reject(job: Job<W, A>, error: AppError): void {
    this.#jobs.delete(job.key);
    for (const waiter of job.waiters) waiter.reject(error);
  }

  /**
   * Puts back what was begun in vain, before all others of its priority.
   * @returns Whether it was: nothing is begun a third time, nor for nobody.
   */
  repeat(job: Job<W, A>): boolean {
    if (job.isRepeated || job.waiters.size === 0) return false;
    job.isRepeated = true;
    this.#queue.putBack(job);
    return true;
  }

  /** Ends all that waits. */
  rejectWaiting(error: AppError): void {
    for (const job of this.#queue.drain()) this.reject(job, error);
  }
}
