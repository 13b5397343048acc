import { AppError } from '@ohif-medsam/protocol';
import type { PixelWish } from '../ports/pixelSource.ts';

interface Reading {
  readonly result: Promise<unknown>;
  readonly wishes: Set<PixelWish>;
  readonly givenUp: AbortController;
}

/**
 * Reads what several want at once only once. It is needed as soon as one of them needs it, and given up when all have.
 * @returns What reads: `key` is equal for equal results, `begin` gets the wish of all.
 * @throws AppError `cancelled` by the signal of the wish, or what the reading throws.
 */
export function sharedReadings() {
  const readings = new Map<string, Reading>();

  function start(key: string, begin: (wish: PixelWish) => Promise<unknown>): Reading {
    const wishes = new Set<PixelWish>();
    const givenUp = new AbortController();
    const joint: PixelWish = {
      get isNeeded() {
        return [...wishes].some(({ isNeeded }) => isNeeded);
      },
      signal: givenUp.signal,
    };
    const reading: Reading = { result: begin(joint).finally(() => forget(key, reading)), wishes, givenUp };
    readings.set(key, reading);
    return reading;
  }

  function forget(key: string, reading: Reading): void {
    if (readings.get(key) === reading) readings.delete(key);
  }

  return <T>(key: string, wish: PixelWish, begin: (wish: PixelWish) => Promise<T>): Promise<T> => {
    if (wish.signal?.aborted) return Promise.reject(new AppError('cancelled'));
    const reading = readings.get(key) ?? start(key, begin);
    reading.wishes.add(wish);
    return new Promise<T>((resolve, reject) => {
      const leave = () => {
        reject(new AppError('cancelled'));
        reading.wishes.delete(wish);
        if (reading.wishes.size > 0) return;
        forget(key, reading);
        reading.givenUp.abort();
      };
      wish.signal?.addEventListener('abort', leave, { once: true });
      const result = reading.result as Promise<T>;
      void result.then(resolve, reject).finally(() => wish.signal?.removeEventListener('abort', leave));
    });
  };
}
