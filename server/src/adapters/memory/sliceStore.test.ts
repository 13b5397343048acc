import type { Plane } from '@ohif-medsam/protocol';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { Slice } from '../../ports/sliceStore.ts';
import { memorySliceStore } from './sliceStore.ts';

const seriesUid = '1.2.3';
const planeAt = (n: number): Plane => ({ axis: 'k', frame: `1.2.3.${String(n)}/1` });
const sliceAt = (n: number, hash = 'a', bytes = 100): Slice => ({
  seriesUid,
  plane: planeAt(n),
  hash,
  columns: bytes,
  rows: 1,
  components: 1,
  pixels: new Uint8Array(bytes),
  slope: 1,
  intercept: 0,
  invert: false,
});
const never = new AbortController().signal;

it('finds a slice by series, plane and hash, and the one that came last by plane', () => {
  const store = memorySliceStore(1000);
  store.put(sliceAt(1, 'a'));
  store.put(sliceAt(1, 'b'));
  expect(store.get(seriesUid, planeAt(1), 'a')?.hash).toBe('a');
  expect(store.latest(seriesUid, planeAt(1))?.hash).toBe('b');
  expect(store.get('1.2.4', planeAt(1), 'a')).toBeUndefined();
  expect(store.get(seriesUid, { axis: 'i', index: 1 }, 'a')).toBeUndefined();
  expect(store.bytes).toBe(200);
});

it('holds no more bytes than it may; what was not used for longest goes first', () => {
  const store = memorySliceStore(300);
  for (const n of [1, 2, 3]) store.put(sliceAt(n));
  store.get(seriesUid, planeAt(1), 'a');
  store.put(sliceAt(4));
  expect(store.bytes).toBeLessThanOrEqual(300);
  expect(store.latest(seriesUid, planeAt(1))).toBeDefined();
  expect(store.latest(seriesUid, planeAt(2))).toBeUndefined();
});

it('refuses a slice that can never be held, and keeps what it has', () => {
  const store = memorySliceStore(300);
  store.put(sliceAt(1));
  expect(() => store.put(sliceAt(2, 'a', 301))).toThrow(expect.objectContaining({ code: 'message-too-large' }));
  expect(store.latest(seriesUid, planeAt(1))).toBeDefined();
});

it('counts a slice once, however often it is put', () => {
  const store = memorySliceStore(300);
  for (let n = 0; n < 5; n++) store.put(sliceAt(1));
  expect(store.bytes).toBe(100);
  expect(store.latest(seriesUid, planeAt(1))?.hash).toBe('a');
});

it('gives a slice that is there at once, and one that is not as soon as it arrives, to everybody who waits', async () => {
  const store = memorySliceStore(1000);
  store.put(sliceAt(1));
  await expect(store.awaitLatest(seriesUid, planeAt(1), 0, never)).resolves.toMatchObject({ hash: 'a' });
  const both = [1, 2].map(async () => store.awaitLatest(seriesUid, planeAt(2), 5000, never));
  store.put(sliceAt(3));
  store.put(sliceAt(2, 'c'));
  expect((await Promise.all(both)).map((slice) => slice.hash)).toEqual(['c', 'c']);
});

it('waits on while others of the series come, as over a slow link, and no longer', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const store = memorySliceStore(1000);
  const [late, never4] = [2, 4].map(async (n) => store.awaitLatest(seriesUid, planeAt(n), 400, never));
  const over = expect(never4).rejects.toMatchObject({ code: 'slice-missing' });
  for (let n = 0; n < 8; n++) {
    await vi.advanceTimersByTimeAsync(100);
    store.put(sliceAt(3));
  }
  store.put(sliceAt(2));
  await expect(late).resolves.toBeDefined();
  await vi.advanceTimersByTimeAsync(400);
  await over;
});

it('stops waiting after the time given, and at once when cancelled', async () => {
  const store = memorySliceStore(1000);
  await expect(store.awaitLatest(seriesUid, planeAt(1), 5, never)).rejects.toMatchObject({ code: 'slice-missing' });
  const controller = new AbortController();
  const waiting = store.awaitLatest(seriesUid, planeAt(1), 60_000, controller.signal);
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  await expect(store.awaitLatest(seriesUid, planeAt(1), 60_000, controller.signal)).rejects.toMatchObject({
    code: 'cancelled',
  });
});
