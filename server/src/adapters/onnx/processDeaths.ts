import type { Attempt } from './loadGuard.ts';

const FIRST_RESTART_MS = 100;
const LAST_RESTART_MS = 10_000;
/** Deaths in a row after which waiting requests are no longer kept waiting. */
const HOPELESS = 5;

/** How engine processes of one server ended, and what follows for the next one. */
export class ProcessDeaths {
  #inARow = 0;
  #last: string | undefined;
  readonly #onceDeadly = new Set<string>();
  readonly #deadly: Record<string, string> = {};

  /** As users are told of it. */
  get last(): string | undefined {
    return this.#last;
  }
  get inARow(): number {
    return this.#inARow;
  }
  get hopeless(): boolean {
    return this.#inARow >= HOPELESS;
  }
  /** Until the next process is started. */
  get delayMs(): number {
    return Math.min(LAST_RESTART_MS, FIRST_RESTART_MS * 2 ** (this.#inARow - 1));
  }

  /**
   * By the key of an attempt that is to be made no more, so that one bad model or driver leaves the others at work: why. A first
   * end may have had another cause, as a lack of memory or an operator; what hung is not waited for twice. Forgotten with the server.
   */
  get deadly(): Readonly<Record<string, string>> {
    return this.#deadly;
  }

  /** @param attempt - What was being loaded. */
  note(reason: string, attempt?: Attempt, hung = false): void {
    this.#last = reason;
    this.#inARow++;
    if (!attempt) return;
    const { key } = attempt;
    if (hung || this.#onceDeadly.has(key)) {
      this.#deadly[key] = reason;
      // Without what is to blame, the next one has a better chance.
      this.#inARow = 1;
    }
    this.#onceDeadly.add(key);
  }

  /** A process has loaded all that it was to: what the last one died of was something else. */
  noteLoaded(): void {
    this.#onceDeadly.clear();
  }

  noteAnswered(): void {
    this.#inARow = 0;
  }
}
