import { fork, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FromEngine, ToEngine } from './wire.ts';

const ENTRY = fileURLToPath(new URL('./engineProcess.ts', import.meta.url));
/** By its full path: the folder the server was started in need not see the package. */
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

interface Pending {
  readonly resolve: (answer: FromEngine) => void;
  readonly reject: (reason: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** One engine process, asked one thing at a time. */
export class EngineChild {
  readonly #process: ChildProcess;
  #pending: Pending | undefined;
  #end: string | undefined;

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
    this.#process.on('message', (answer) => this.#settle()?.resolve(answer as FromEngine));
    this.#process.on('exit', (code, signal) =>
      end(`The inference process ended (${signal ?? `exit code ${String(code)}`}).`),
    );
    this.#process.on('error', (error) => {
      this.kill();
      end(`The inference process cannot be used (${error.message}).`);
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /**
   * @param timeoutMs - A process that has not answered by then hangs, and is killed.
   * @throws Error if the process ends before it answers.
   */
  async ask(question: ToEngine, timeoutMs: number): Promise<FromEngine> {
    if (this.#pending) throw new Error('one question at a time');
    if (this.#end !== undefined) throw new Error(this.#end);
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject, timer: setTimeout(() => this.kill(), timeoutMs) };
      this.#process.send(question, (error) => error && this.kill());
    });
  }

  /** SIGKILL, because a process within onnxruntime's `run()` hears nothing else. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #settle(): Pending | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    clearTimeout(pending?.timer);
    return pending;
  }
}
