import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { AppError } from '@ohif-medsam/protocol';
import type { Answer, Request, Work } from './work.ts';

/**
 * Writes and reads segmentations on threads of their own: a whole series takes seconds, during which nobody else would get an
 * answer. One is written and one read at a time, and a thread is there for one, so that the hundreds of megabytes that it takes are
 * given back. Who opens one does not wait for what others save.
 */
export function segmentationThread(): Work {
  const last: Record<Request['kind'], Promise<unknown>> = { write: Promise.resolve(), read: Promise.resolve() };
  const inTurn = <T>(request: Request, signal?: AbortSignal): Promise<T> => {
    const done = last[request.kind].then(() => onThread(request, signal));
    last[request.kind] = done.catch(() => undefined);
    return done as Promise<T>;
  };
  return {
    write: (...args) => inTurn({ kind: 'write', args }),
    read: (file, sources, signal) => inTurn({ kind: 'read', args: [file, sources] }, signal),
  };
}

async function onThread(request: Request, signal?: AbortSignal): Promise<unknown> {
  if (signal?.aborted) throw new AppError('cancelled');
  const thread = new Worker(new URL('./segmentationThread.js', import.meta.url), {
    workerData: request,
    transferList: handedOver(request),
    // Not the loaders of the main thread: it registers its own.
    execArgv: [],
  });
  const stop = () => void thread.terminate();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const ended = once(thread, 'exit').then(([code]) => {
      if (signal?.aborted) throw new AppError('cancelled');
      throw new Error(`The thread for segmentations ended with ${String(code)}, without an answer.`);
    });
    const [answer] = (await Promise.race([once(thread, 'message'), ended])) as [Answer];
    if ('code' in answer) throw new AppError(answer.code, answer.detail);
    return answer.result;
  } finally {
    signal?.removeEventListener('abort', stop);
    await thread.terminate();
  }
}

/** A file that is read goes over as it is, where nothing else lies in its memory. */
function handedOver({ kind, args }: Request): ArrayBuffer[] {
  if (kind !== 'read') return [];
  const [{ buffer, byteLength }] = args;
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}
