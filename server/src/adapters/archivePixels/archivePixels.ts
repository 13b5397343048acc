import { Worker } from 'node:worker_threads';
import { AppError } from '@ohif-medsam/protocol';
import type { Archive } from '../../ports/archive.ts';
import type { PixelSource } from '../../ports/pixelSource.ts';
import type { DecodeAnswer } from './decodeHere.ts';

interface Decoded {
  readonly id: number;
  readonly answer: DecodeAnswer;
}

/**
 * Pixels of an archive's instances. They are decoded on a thread of their own: a compressed mammogram takes a second, during which
 * nobody else would get an answer.
 */
export function archivePixels(archive: Pick<Archive, 'instance'>): PixelSource & { close(): Promise<void> } {
  let thread: Worker | undefined;
  let ids = 0;
  const waiting = new Map<number, (answer: DecodeAnswer) => void>();

  function start(): Worker {
    // Not the loaders of the main thread: it registers its own.
    const started = new Worker(new URL('./decodeThread.js', import.meta.url), { execArgv: [] });
    started.on('message', ({ id, answer }: Decoded) => {
      waiting.get(id)?.(answer);
      waiting.delete(id);
    });
    // An error is followed by the exit, and by then another thread may be at work.
    const onEnd = () => {
      if (thread !== started) return;
      thread = undefined;
      for (const settle of waiting.values()) settle({ code: 'dicom-unsupported', detail: 'Its decoder failed.' });
      waiting.clear();
    };
    started.on('error', onEnd).on('exit', onEnd).unref();
    return started;
  }

  return {
    async frames(name, frameNumbers) {
      const file = new Uint8Array(await archive.instance(name));
      thread ??= start();
      const worker = thread;
      const answer = await new Promise<DecodeAnswer>((settle) => {
        const id = ids++;
        waiting.set(id, settle);
        worker.postMessage({ id, file, frameNumbers }, [file.buffer]);
      });
      if ('code' in answer) throw new AppError(answer.code, answer.detail);
      return answer.frames;
    },
    async close() {
      await thread?.terminate();
    },
  };
}
