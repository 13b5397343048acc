import { AppError, planeKeyOf, type Plane } from '@ohif-medsam/protocol';
import { LRUCache } from 'lru-cache';
import type { Slice, SliceStore } from '../../ports/sliceStore.ts';

type Waiter = (slice: Slice) => void;

const placeOf = (seriesUid: string, plane: Plane): string => `${seriesUid}|${planeKeyOf(plane)}`;

/**
 * Slices in memory.
 * @param maxBytes - Most bytes of pixels that are held; what was not used for longest goes first.
 */
export function memorySliceStore(maxBytes: number): SliceStore {
  /** By place: the hash that was put last. Goes with its slice. */
  const latestHash = new Map<string, string>();
  const waiters = new Map<string, Set<Waiter>>();
  /** By series: of all who wait for one of its slices. */
  const timers = new Map<string, Set<NodeJS.Timeout>>();
  const slices = new LRUCache<string, Slice>({
    maxSize: maxBytes,
    sizeCalculation: (slice) => slice.pixels.byteLength,
    dispose: (slice, _, reason) => {
      const place = placeOf(slice.seriesUid, slice.plane);
      if (reason !== 'set' && latestHash.get(place) === slice.hash) latestHash.delete(place);
    },
  });

  const latest = (seriesUid: string, plane: Plane): Slice | undefined => {
    const place = placeOf(seriesUid, plane);
    const hash = latestHash.get(place);
    return hash === undefined ? undefined : slices.get(`${place}|${hash}`);
  };

  return {
    put(slice) {
      if (slice.pixels.byteLength > maxBytes)
        throw new AppError('message-too-large', `The server keeps at most ${String(maxBytes)} bytes of slices.`);
      const place = placeOf(slice.seriesUid, slice.plane);
      slices.set(`${place}|${slice.hash}`, slice);
      latestHash.set(place, slice.hash);
      // As long as slices come, the link is slow, and none of them lost.
      for (const timer of timers.get(slice.seriesUid) ?? []) timer.refresh();
      const waiting = waiters.get(place);
      waiters.delete(place);
      for (const resolve of waiting ?? []) resolve(slice);
    },
    get: (seriesUid, plane, hash) => slices.get(`${placeOf(seriesUid, plane)}|${hash}`),
    latest,
    async awaitLatest(seriesUid, plane, timeoutMs, signal) {
      if (signal.aborted) throw new AppError('cancelled');
      const here = latest(seriesUid, plane);
      if (here) return here;
      const place = placeOf(seriesUid, plane);
      const waiting = waiters.get(place) ?? new Set();
      waiters.set(place, waiting);
      return new Promise((resolve, reject) => {
        const leave = () => {
          clearTimeout(timer);
          running.delete(timer);
          if (running.size === 0) timers.delete(seriesUid);
          signal.removeEventListener('abort', cancel);
          waiting.delete(arrive);
          if (waiting.size === 0 && waiters.get(place) === waiting) waiters.delete(place);
        };
        const arrive: Waiter = (slice) => {
          leave();
          resolve(slice);
        };
        const cancel = () => {
          leave();
          reject(new AppError('cancelled'));
        };
        const timer = setTimeout(() => {
          leave();
          reject(new AppError('slice-missing', `It did not arrive, nor any other, within ${String(timeoutMs)} ms.`));
        }, timeoutMs);
        const running = timers.get(seriesUid) ?? new Set();
        timers.set(seriesUid, running.add(timer));
        signal.addEventListener('abort', cancel, { once: true });
        waiting.add(arrive);
      });
    },
    get bytes() {
      return slices.calculatedSize;
    },
  };
}
