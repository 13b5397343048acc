import { Worker } from 'node:worker_threads';
import { AppError } from '@ohif-medsam/protocol';
import type { Archive } from '../../ports/archive.ts';
import type { PixelSource, PixelWish } from '../../ports/pixelSource.ts';
import type { DecodeAnswer } from './decodeHere.ts';

/** What takes longer than this hangs: a compressed mammogram takes a second. */
const START_MS = 30_000;
const FRAME_MS = 10_000;

interface Waiting {
  readonly file: Uint8Array<ArrayBuffer>;
  readonly frameNumbers: readonly number[];
  readonly wish: PixelWish;
  readonly settle: (answer: DecodeAnswer) => void;
}

/**
 * Pixels of an archive's instances. They are decoded on a thread of their own, during which everybody else gets answers. It has one
 * file at a time: what waits can still be overtaken or given up, and is not lost with a file that its decoder dies of.
 */
export function archivePixels(archive: Pick<Archive, 'instance'>): PixelSource & { close(): Promise<void> } {
  let thread: Worker | undefined;
  /** Ends the file that is at the thread. */
  let answered: (answer: DecodeAnswer) => void = () => undefined;
  const waiting: Waiting[] = [];
  let isAtWork = false;

  /** The present thread no longer counts, whatever it still says. */
  function giveUp(why: string): void {
    void thread?.terminate();
    thread = undefined;
    answered({ code: 'dicom-unsupported', detail: why });
  }

  function start(): Worker {
    // Not the loaders of the main thread: it registers its own.
    const started = new Worker(new URL('./decodeThread.js', import.meta.url), { execArgv: [] });
    started.on('message', (answer: DecodeAnswer) => {
      if (thread === started) answered(answer);
    });
    // An error is followed by the exit, and by then another thread may be at work.
    const onEnd = () => {
      if (thread === started) giveUp('Its decoder failed.');
    };
    started.on('error', onEnd).on('exit', onEnd).unref();
    return started;
  }

  async function decode({ file, frameNumbers }: Waiting): Promise<DecodeAnswer> {
    const worker = (thread ??= start());
    const answer = new Promise<DecodeAnswer>((resolve) => (answered = resolve));
    const limit = setTimeout(() => giveUp('Its decoder hangs.'), START_MS + frameNumbers.length * FRAME_MS);
    worker.postMessage({ file, frameNumbers }, [file.buffer]);
    return answer.finally(() => clearTimeout(limit));
  }

  async function work(): Promise<void> {
    if (isAtWork) return;
    isAtWork = true;
    while (waiting.length > 0) {
      const needed = waiting.findIndex(({ wish }) => wish.isNeeded);
      for (const next of waiting.splice(Math.max(0, needed), 1))
        next.settle(next.wish.signal?.aborted ? { code: 'cancelled', detail: undefined } : await decode(next));
    }
    isAtWork = false;
  }

  return {
    async frames(name, frameNumbers, wish) {
      const file = handedOver(await archive.instance(name, wish.signal));
      const answer = await new Promise<DecodeAnswer>((settle) => {
        waiting.push({ file, frameNumbers, wish, settle });
        void work();
      });
      if ('code' in answer) throw new AppError(answer.code, answer.detail);
      return answer.frames;
    },
    async close() {
      for (const { settle } of waiting.splice(0)) settle({ code: 'cancelled', detail: undefined });
      await thread?.terminate();
    },
  };
}

/** A file goes over as it is, where nothing else lies in its memory. */
function handedOver(file: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = file;
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
    ? new Uint8Array(buffer)
    : new Uint8Array(file);
}
