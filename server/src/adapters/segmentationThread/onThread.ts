import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { AppError } from '@ohif-medsam/protocol';
import type { Answer, Request, Work } from './work.ts';

/**
 * Writes and reads segmentations on a thread of their own: a whole series takes seconds, during which nobody else would get an
 * answer. One at a time, and a thread for each, so that the hundreds of megabytes that it takes are given back.
 */
export function segmentationThread(): Work {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(request: Request): Promise<T> => {
    const done = last.then(() => onThread(request));
    last = done.catch(() => undefined);
    return done as Promise<T>;
  };
  return { write: (...args) => inTurn({ kind: 'write', args }), read: (...args) => inTurn({ kind: 'read', args }) };
}

async function onThread(request: Request): Promise<unknown> {
  const thread = new Worker(new URL('./segmentationThread.js', import.meta.url), {
    workerData: request,
    transferList: handedOver(request),
    // Not the loaders of the main thread: it registers its own.
    execArgv: [],
  });
  try {
    const ended = once(thread, 'exit').then(([code]) => {
      throw new Error(`The thread for segmentations ended with ${String(code)}, without an answer.`);
    });
    const [answer] = (await Promise.race([once(thread, 'message'), ended])) as [Answer];
    if ('code' in answer) throw new AppError(answer.code, answer.detail);
    return answer.result;
  } finally {
    await thread.terminate();
  }
}

/** A file that is read goes over as it is, where nothing else lies in its memory. */
function handedOver({ kind, args }: Request): ArrayBuffer[] {
  if (kind !== 'read') return [];
  const [{ buffer, byteLength }] = args;
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}
