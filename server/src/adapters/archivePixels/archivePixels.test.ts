import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { InstanceName } from '../../ports/archive.ts';
import { tinySeries } from '../dicomweb/fixtures.ts';
import { archivePixels } from './archivePixels.ts';

const files = tinySeries(4);
const AHEAD = { isNeeded: false };
const NEEDED = { isNeeded: true };

let source: ReturnType<typeof archivePixels>;
beforeEach(() => {
  const bytesOf = new Map(files.map(({ name, bytes }) => [name.sopInstanceUid, bytes]));
  // Each file in memory of its own, which goes to the thread.
  source = archivePixels({ instance: ({ sopInstanceUid }) => Promise.resolve(bytesOf.get(sopInstanceUid)!.slice()) });
});
afterEach(async () => {
  vi.useRealTimers();
  await source.close();
});
const name = (n: number): InstanceName => files[n]!.name;

it('reads what somebody waits for before what is read ahead', async () => {
  const order: number[] = [];
  const read = async (n: number, wish = AHEAD) => {
    const [frame] = await source.frames(name(n), [1], wish);
    expect(frame?.pixels[0]).toBe(n - 8);
    order.push(n);
  };
  const later = { isNeeded: false };
  const all = [read(0), read(1), read(2, NEEDED), read(3, later)];
  // Somebody comes to want it while it waits.
  later.isNeeded = true;
  await Promise.all(all);
  expect(order).toEqual([0, 2, 3, 1]);
});

it('does not decode what nobody wants any more', async () => {
  const { signal } = new AbortController();
  const running = source.frames(name(0), [1], { ...NEEDED, signal });
  const scrolledPast = new AbortController();
  const waiting = source.frames(name(1), [1], { ...AHEAD, signal: scrolledPast.signal });
  scrolledPast.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  await expect(running).resolves.toHaveLength(1);
});

it('has the archive stop, too', async () => {
  const instance = vi.fn(() => Promise.reject(new Error('stopped')));
  const { signal } = new AbortController();
  await expect(archivePixels({ instance }).frames(name(0), [1], { ...AHEAD, signal })).rejects.toThrow('stopped');
  expect(instance).toHaveBeenCalledWith(name(0), signal);
});

it('ends a decoder that hangs, which costs no other file its pixels', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const hanging = expect(source.frames(name(0), [1], AHEAD)).rejects.toMatchObject({
    code: 'dicom-unsupported',
    detail: 'Its decoder hangs.',
  });
  const other = source.frames(name(1), [1], AHEAD);
  // The thread is still starting, which takes longer than the file takes to get there.
  await new Promise((resolve) => setImmediate(resolve));
  vi.runOnlyPendingTimers();
  vi.useRealTimers();
  await hanging;
  await expect(other).resolves.toHaveLength(1);
});
