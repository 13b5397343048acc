import { setTimeout } from 'node:timers/promises';
import { AppError } from '@ohif-medsam/protocol';

const AGAIN_MS = 500;

/** Asks the engine again while it has no room: what has come so far must not end because others ask much for a moment. */
export async function whileBusy<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'engine-busy') throw error;
    }
    await setTimeout(AGAIN_MS, undefined, { signal }).catch(() => {
      throw new AppError('cancelled');
    });
  }
}
