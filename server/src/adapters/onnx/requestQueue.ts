import { AppError } from '@ohif-medsam/protocol';
import type { Priority } from '../../ports/inferenceEngine.ts';

/** Highest first. */
const ORDER: readonly Priority[] = ['prompt', 'visible', 'propagation', 'prefetch'];
/** The same when propagation has its turn. */
const PROPAGATION_FIRST: readonly Priority[] = ['prompt', 'propagation', 'visible', 'prefetch'];

export const isMoreUrgent = (a: Priority, b: Priority): boolean => ORDER.indexOf(a) < ORDER.indexOf(b);

/** Work that nobody waits for in front of the screen. */
const BACKGROUND: readonly Priority[] = ['propagation', 'prefetch'];

export interface Queued {
  readonly priority: Priority;
  /** For whom; see `EngineRequest`. */
  readonly client: string;
}

/**
 * Waiting work by priority; within one, clients take turns, and of one client the first comes first. After a visible slice it is
 * propagation's turn: whoever scrolls looks at another one as soon as the last is done, and would hold it up for as long. Bounded, so
 * that a flood fails early and clearly; and one client's flood leaves room for the others.
 */
export class RequestQueue<T extends Queued> {
  /** Of each priority: by client, who is next first. */
  readonly #waiting: Record<Priority, Map<string, T[]>> = {
    prompt: new Map(),
    visible: new Map(),
    propagation: new Map(),
    prefetch: new Map(),
  };
  readonly #capacity: number;
  readonly #waitMs: (requests: number) => number;
  #isPropagationsTurn = false;

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

  #sizeOf(priorities: readonly Priority[], client?: string): number {
    const lines = priorities.flatMap((priority) => {
      const byClient = this.#waiting[priority];
      return client === undefined ? [...byClient.values()] : [byClient.get(client) ?? []];
    });
    return lines.reduce((sum, line) => sum + line.length, 0);
  }

  /**
   * @throws AppError `engine-busy` if as many requests wait as may: half the room is kept for people who wait, half of the rest for
   *   propagations, and of what there is for a kind of work, one client gets half.
   */
  add(request: T): void {
    const { priority, client } = request;
    const half = Math.ceil(this.#capacity / 2);
    if (BACKGROUND.includes(priority)) this.#checkRoom(BACKGROUND, half, client);
    else this.#checkRoom(ORDER, this.#capacity, client);
    if (priority === 'prefetch') this.#checkRoom(['prefetch'], Math.ceil(half / 2), client);
    this.readmit(request);
  }

  #checkRoom(kind: readonly Priority[], room: number, client: string): void {
    if (this.#sizeOf(kind) >= room) throw new AppError('engine-busy', this.#tellWhen(room));
    const own = Math.ceil(room / 2);
    if (this.#sizeOf(kind, client) >= own) throw new AppError('engine-busy', this.#tellWhen(own));
  }

  /** Adds what was waiting already, under another priority: it needs no more room. */
  readmit(request: T): void {
    const byClient = this.#waiting[request.priority];
    byClient.set(request.client, [...(byClient.get(request.client) ?? []), request]);
  }

  /** Half of what waits has to go before there is room again for more than the next one who asks. */
  #tellWhen(room: number): string {
    const ms = Math.ceil(this.#waitMs(room / 2) / 100) * 100;
    const when = ms > 0 ? ` Try again in ${String(ms)} ms.` : '';
    return `${String(room)} requests are waiting already.${when}`;
  }

  /** For a request that was taken out and could not be served: it goes before all others of its priority. */
  putBack(request: T): void {
    const byClient = this.#waiting[request.priority];
    const line = [request, ...(byClient.get(request.client) ?? [])];
    const others = [...byClient].filter(([client]) => client !== request.client);
    byClient.clear();
    for (const [client, waiting] of [[request.client, line] as const, ...others]) byClient.set(client, waiting);
  }

  /** @returns Whether it was waiting. */
  remove(request: T): boolean {
    const byClient = this.#waiting[request.priority];
    const line = byClient.get(request.client) ?? [];
    const rest = line.filter((other) => other !== request);
    if (rest.length === line.length) return false;
    if (rest.length > 0) byClient.set(request.client, rest);
    else byClient.delete(request.client);
    return true;
  }

  /** @param isMeant - Left out: any. Of each client it is asked about the first request that waits. */
  next(isMeant: (request: T) => boolean = () => true): T | undefined {
    for (const priority of this.#isPropagationsTurn ? PROPAGATION_FIRST : ORDER) {
      const byClient = this.#waiting[priority];
      for (const [client, [request, ...rest]] of byClient) {
        if (!request || !isMeant(request)) continue;
        if (priority === 'visible') this.#isPropagationsTurn = true;
        if (priority === 'propagation') this.#isPropagationsTurn = false;
        byClient.delete(client);
        if (rest.length > 0) byClient.set(client, rest);
        return request;
      }
    }
    return undefined;
  }

  /** Takes everything out. */
  drain(): T[] {
    return ORDER.flatMap((priority) => {
      const all = [...this.#waiting[priority].values()].flat();
      this.#waiting[priority].clear();
      return all;
    });
  }
}
