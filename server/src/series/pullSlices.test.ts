import { AppError, parseFrameKey, type FrameKey, type Plane } from '@ohif-medsam/protocol';
import { beforeEach, expect, it, vi } from 'vitest';
import { memorySliceStore } from '../adapters/memory/sliceStore.ts';
import type { PixelSource, PixelWish, SourceFrame } from '../ports/pixelSource.ts';
import type { OpenSeries } from './openSeries.ts';
import { pullSlices } from './pullSlices.ts';

const frameKeys: FrameKey[] = [1, 2, 3].map((n) => `1.2.3.${String(n)}/1`);
const size = { columns: 8, rows: 5 } as const;
const series: OpenSeries = {
  studyUid: '1',
  seriesUid: '1.2',
  modality: 'CT',
  bodyPart: 'ABDOMEN',
  ...size,
  frames: frameKeys.map((key) => ({ ...parseFrameKey(key), sopClassUid: '1.2.840.10008.5.1.4.1.1.2', ...size })),
  frameKeys,
  isStack: true,
};
const first: Plane = { axis: 'k', frame: frameKeys[0]! };
const facts = { slope: 1, intercept: 0, invert: false, components: 1, ...size } as const;
const image: SourceFrame = { ...facts, hash: 'hash', pixels: new Uint8Array(40) };

let wishes: PixelWish[];
/** Lets the archive answer. */
let answer: () => void;
let slices: ReturnType<typeof memorySliceStore>;
let pulled: ReturnType<typeof pullSlices>;
beforeEach(() => {
  wishes = [];
  const answering = new Promise<void>((resolve) => (answer = resolve));
  const source: PixelSource = {
    async frames(_name, _numbers, wish) {
      wishes.push(wish);
      await answering;
      if (wish.signal?.aborted) throw new AppError('cancelled');
      return [image];
    },
  };
  slices = memorySliceStore(1_000_000);
  pulled = pullSlices({ source, slices });
});

it('reads once what several want, and hurries as soon as somebody waits for it', async () => {
  const ahead = pulled.bring(series, [first]);
  expect(wishes.map(({ isNeeded }) => isNeeded)).toEqual([false]);
  const needed = pulled.named({ plane: first }, series);
  expect(wishes.map(({ isNeeded }) => isNeeded)).toEqual([true]);
  answer();
  expect(await ahead).toEqual([]);
  expect((await needed).sliceHash).toBe('hash');
});

it('gives up what nobody wants any more, which is no refusal of the archive', async () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const both = [pulled.bring(series, [first], one.signal), pulled.bring(series, [first], other.signal)];
  one.abort();
  expect(await both[0]).toEqual([first]);
  expect(wishes[0]?.signal?.aborted).toBe(false);
  other.abort();
  expect(await both[1]).toEqual([first]);
  expect(wishes[0]?.signal?.aborted).toBe(true);
  expect(pulled.pulls(series)).toBe(true);
  // Whoever comes now does not wait for what was given up.
  const again = pulled.named({ plane: first }, series);
  answer();
  expect((await again).sliceHash).toBe('hash');
});

it('puts a plane across the slices together once, however often it is asked for meanwhile', async () => {
  const across = { axis: 'i', index: 2 } as const;
  const put = vi.spyOn(slices, 'put');
  const asked = [1, 2, 3].map(() => pulled.bring(series, [across]));
  answer();
  expect(await Promise.all(asked)).toEqual([[], [], []]);
  expect(put.mock.calls.filter(([{ plane }]) => plane.axis === 'i')).toHaveLength(1);
});
