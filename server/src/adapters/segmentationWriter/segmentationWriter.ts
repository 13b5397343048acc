import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { AppError } from '@ohif-medsam/protocol';
import type { WriteSegmentation } from '../../dicomSeg/index.ts';
import type { WriteAnswer, WriteRequest } from './writeHere.ts';

/**
 * Writes segmentations on a thread of their own: a whole series takes a second, during which nobody else would get an
 * answer. One at a time, and a thread for each, so that the hundreds of megabytes that it takes are given back.
 */
export function segmentationWriter(): WriteSegmentation {
  let last: Promise<unknown> = Promise.resolve();
  return (...request) => {
    const written = last.then(() => writeOnThread(request));
    last = written.catch(() => undefined);
    return written;
  };
}

async function writeOnThread(request: WriteRequest): ReturnType<WriteSegmentation> {
  const thread = new Worker(new URL('./segmentationThread.js', import.meta.url), {
    workerData: request,
    // Not the loaders of the main thread: it registers its own.
    execArgv: [],
  });
  try {
    const [answer] = (await once(thread, 'message')) as [WriteAnswer];
    if ('code' in answer) throw new AppError(answer.code, answer.detail);
    return answer;
  } finally {
    await thread.terminate();
  }
}
