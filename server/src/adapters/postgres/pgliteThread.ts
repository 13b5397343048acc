import { Worker } from 'node:worker_threads';
import { START, type SqlAnswer, type SqlRequest } from './pgliteMessages.ts';

/** The code of an answer that did not come in time. */
export const TIMED_OUT = 'ETIMEDOUT';

/** An error that Postgres reported, or the end of the database itself (`code` undefined, or {@link TIMED_OUT}). */
export class SqlError extends Error {
  readonly code: string | undefined;
  constructor(message: string, code: string | undefined) {
    super(message);
    this.name = 'SqlError';
    this.code = code;
  }
}

export interface SqlResult {
  readonly rows: readonly unknown[];
  readonly affected: number;
}

interface Waiting {
  readonly resolve: (result: SqlResult) => void;
  readonly reject: (error: SqlError) => void;
  readonly timer: NodeJS.Timeout;
}

/** Recovering a large database from its log after a crash, on a slow disk. */
const START_TIMEOUT_MS = 180_000;
/** The checkpoint of the largest document takes seconds. */
const QUERY_TIMEOUT_MS = 60_000;

/**
 * Postgres in WebAssembly (PGlite) on its own thread: it blocks the thread it runs on, for tens of milliseconds on large masks.
 */
export class PgliteThread {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private lastId: number = START;
  private ended: SqlError | undefined;

  private readonly timeoutMs: number;

  private constructor(folder: string, timeoutMs: number) {
    this.timeoutMs = timeoutMs;
    this.worker = new Worker(new URL('./pgliteWorker.js', import.meta.url), {
      workerData: { folder },
      // Not the loaders of the main thread, which the worker does not need.
      execArgv: [],
      // Otherwise PGlite's chatter, which may quote statements, would mix with the server's log.
      stdout: true,
      stderr: true,
    });
    this.worker.on('message', (answer: SqlAnswer) => this.settle(answer));
    this.worker.on('error', (error) => this.end(error.message));
    this.worker.on('exit', () => this.end('the database has ended'));
  }

  /**
   * @param folder - Made if it is missing.
   * @param timeoutMs - A query that takes longer hangs, and ends the database: no other one would ever be answered.
   * @throws SqlError if the database cannot be opened there.
   */
  static async start(folder: string, timeoutMs = QUERY_TIMEOUT_MS): Promise<PgliteThread> {
    const thread = new PgliteThread(folder, timeoutMs);
    try {
      await thread.answerTo(START, START_TIMEOUT_MS);
    } catch (error) {
      await thread.kill();
      throw error;
    }
    return thread;
  }

  query(sql: string, parameters: readonly unknown[], timeoutMs = this.timeoutMs): Promise<SqlResult> {
    if (this.ended) return Promise.reject(this.ended);
    const id = ++this.lastId;
    this.worker.postMessage({ id, sql, parameters } satisfies SqlRequest);
    return this.answerTo(id, timeoutMs);
  }

  /** Whether the database can answer no more: a full disk makes Postgres give up. */
  get dead(): boolean {
    return this.ended !== undefined;
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.worker.once('exit', resolve));
    if (this.ended) return;
    this.worker.postMessage('close');
    await gone;
  }

  async kill(): Promise<void> {
    await this.worker.terminate();
  }

  private answerTo(id: number, timeoutMs: number): Promise<SqlResult> {
    return new Promise((resolve, reject) => {
      const hangs = () => {
        this.end(`the database did not answer within ${String(timeoutMs)} ms`, TIMED_OUT);
        void this.kill();
      };
      this.waiting.set(id, { resolve, reject, timer: setTimeout(hangs, timeoutMs) });
    });
  }

  private settle(answer: SqlAnswer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    clearTimeout(waiting?.timer);
    if ('message' in answer) waiting?.reject(new SqlError(answer.message, answer.code));
    else waiting?.resolve(answer);
  }

  private end(why: string, code?: string): void {
    this.ended ??= new SqlError(why, code);
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(this.ended);
    }
    this.waiting.clear();
  }
}
