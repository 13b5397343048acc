import { fork, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Attempt } from './loadGuard.ts';
import type { FromEngine, Loading, ToEngine } from './wire.ts';

const ENTRY = fileURLToPath(new URL('./engineProcess.ts', import.meta.url));
/** By its full path: the folder the server was started in need not see the package. */
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

interface Pending {
  readonly resolve: (answer: FromEngine) => void;
  readonly reject: (reason: Error) => void;
  timer: NodeJS.Timeout;
}

/** One engine process, asked one thing at a time. */
export class EngineChild {
  readonly #process: ChildProcess;
  #pending: Pending | undefined;
  #end: string | undefined;
  #attempt: Attempt | undefined;
  #hangsFor: number | undefined;

  /** @param onEnd - Called once when the process is gone, before the question it leaves open is rejected. */
  constructor(onEnd: (reason: string) => void) {
    const end = (reason: string) => {
      if (this.#end !== undefined) return;
      this.#end = reason;
      onEnd(reason);
      this.#settle()?.reject(new Error(reason));
    };
    // 'advanced' passes typed arrays as bytes; JSON would spell them out number by number.
    this.#process = fork(ENTRY, { execArgv: ['--import', TSX], serialization: 'advanced' });
    this.#process.on('message', (message) => this.#hear(message as FromEngine | Loading));
    this.#process.on('exit', (code, signal) => end(this.#whyEnded(signal ?? `exit code ${String(code)}`)));
    this.#process.on('error', (error) => {
      this.kill();
      end(`The inference process cannot be used (${error.message}).`);
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** What it is loading, or was when it ended. */
  get attempt(): Attempt | undefined {
    return this.#attempt;
  }

  /** Whether it was killed because it did not answer in time. */
  get hung(): boolean {
    return this.#hangsFor !== undefined;
  }

  /**
   * @param timeoutMs - A process that has not answered by then hangs, and is killed; of loading, each attempt has its own time.
   * @throws Error if the process ends before it answers.
   */
  async ask(question: ToEngine, timeoutMs: number): Promise<FromEngine> {
    if (this.#pending) throw new Error('one question at a time');
    if (this.#end !== undefined) throw new Error(this.#end);
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject, timer: this.#killAfter(timeoutMs) };
      this.#process.send(question, (error) => error && this.kill());
    });
  }

  /** SIGKILL, because a process within onnxruntime's `run()` hears nothing else. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #hear(message: FromEngine | Loading): void {
    if (message.kind !== 'loading') {
      this.#attempt = undefined;
      this.#settle()?.resolve(message);
      return;
    }
    this.#attempt = message.attempt;
    if (!this.#pending) return;
    clearTimeout(this.#pending.timer);
    this.#pending.timer = this.#killAfter(message.attempt.limitMs);
  }

  #killAfter(limitMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#hangsFor = limitMs;
      this.kill();
    }, limitMs);
  }

  #whyEnded(signal: string): string {
    const loading = this.#attempt ? ` It was loading ${this.#attempt.what}.` : '';
    if (this.#hangsFor === undefined) return `The inference process ended (${signal}).${loading}`;
    return `The inference process did not answer within ${String(this.#hangsFor / 1000)} s and was ended.${loading}`;
  }

  #settle(): Pending | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    clearTimeout(pending?.timer);
    return pending;
  }
}
