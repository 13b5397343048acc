import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { FrameKey, Plane } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { memorySliceStore } from '../adapters/memory/sliceStore.ts';
import { makePublishedFolder } from '../adapters/onnx/fixtures/publishedModels.ts';
import { openSmallEngine } from '../adapters/onnx/fixtures/openSmallEngine.ts';
import type { InferenceEngine } from '../ports/inferenceEngine.ts';
import type { OpenSeries } from '../series/openSeries.ts';
import { pullSlices } from '../series/pullSlices.ts';
import { visibleSlices } from './visibleSlices.ts';

const keyOf = (n: number): FrameKey => `1.2.3.${String(n)}/1`;
const planeOf = (n: number): Plane => ({ axis: 'k', frame: keyOf(n) });
const seriesOf = (...frames: readonly number[]): OpenSeries => ({
  studyUid: '1',
  seriesUid: '1.2',
  modality: 'CT',
  bodyPart: 'ABDOMEN',
  columns: 80,
  rows: 50,
  frames: [],
  frameKeys: frames.map(keyOf),
  isStack: true,
});
/** Slices that are not known to lie beside each other: nothing goes ahead. */
const apart = seriesOf();

let modelsFolder: string;
let engine: InferenceEngine;
/** What became of each image that was to be prepared, in order: `done` or an error's code. */
let prepared: string[];
/** Which slices, by the number that their pixels are made from. */
let order: number[];
/** How long the model says it took. */
let inferenceMs: number;
let numbers: Map<string, number>;
/** Requests wait for this before they reach the engine. */
let gate: Promise<void>;
let slices: ReturnType<typeof memorySliceStore>;
let visible: ReturnType<typeof visibleSlices>;

function put(n: number): void {
  const pixels = Uint16Array.from({ length: 80 * 50 }, (_, at) => 900 + ((at * n) % 400));
  const hash = createHash('sha256').update(pixels).digest('hex');
  numbers.set(hash, n);
  const how = { slope: 1, intercept: -1024, invert: false, components: 1 } as const;
  slices.put({ seriesUid: '1.2', plane: planeOf(n), hash, columns: 80, rows: 50, pixels, ...how });
}

beforeAll(async () => {
  modelsFolder = await makePublishedFolder('litemedsam');
  // One page may have an eighth of it wait for guesses.
  engine = await openSmallEngine(modelsFolder, { queueLength: 60 });
});
afterAll(async () => {
  await engine.close();
  await rm(modelsFolder, { recursive: true });
});
beforeEach(() => {
  prepared = [];
  order = [];
  inferenceMs = 20;
  numbers = new Map();
  gate = Promise.resolve();
  slices = memorySliceStore(1_000_000);
  const listened: Pick<InferenceEngine, 'prepare' | 'hasEmbedding' | 'defaultModelId'> = {
    defaultModelId: engine.defaultModelId,
    hasEmbedding: (id) => engine.hasEmbedding(id),
    prepare: async (request) => {
      await gate;
      const end = await engine.prepare(request).then(
        () => `${request.priority} done`,
        (error: unknown) => (error as { code: string }).code,
      );
      prepared.push(end);
      order.push(numbers.get(request.image.key.split('|')[0] ?? '') ?? 0);
      return inferenceMs;
    },
  };
  const pulled = pullSlices({ slices });
  visible = visibleSlices({ slices, engine: listened as InferenceEngine, pulled, sliceTimeoutMs: 10_000 });
});

it('prepares the slice a page looks at, once, whether it is here or still to come', async () => {
  put(1);
  visible.look('page', apart, planeOf(1));
  visible.look('page', apart, planeOf(1));
  await vi.waitFor(() => expect(prepared).toEqual(['visible done']), 10_000);
  visible.look('page', apart, planeOf(2));
  put(2);
  await vi.waitFor(() => expect(prepared).toEqual(['visible done', 'visible done']), 10_000);
});

it('gives up a slice that the page has scrolled past, or whose page is gone', async () => {
  let open = () => {};
  gate = new Promise((resolve) => (open = resolve));
  for (const n of [1, 2, 3, 4]) put(n);
  for (const n of [1, 2, 3]) {
    visible.look('page', apart, planeOf(n));
    // It is on its way to the engine when the page scrolls on.
    await new Promise((resolve) => setImmediate(resolve));
  }
  visible.look('other page', apart, planeOf(4));
  await new Promise((resolve) => setImmediate(resolve));
  visible.leave('other page');
  open();
  await vi.waitFor(
    () => expect(prepared.sort()).toEqual(['cancelled', 'cancelled', 'cancelled', 'visible done']),
    10_000,
  );
});

it('does nothing for a model that has nothing to prepare', async () => {
  put(1);
  visible.asked('page', '1.2', 'embedded-box', { kind: 'auto' });
  visible.look('page', apart, planeOf(1));
  visible.asked('page', '1.2', 'litemedsam', { kind: 'level', center: 0, width: 100 });
  visible.look('page', apart, planeOf(1));
  await vi.waitFor(() => expect(prepared).toEqual(['visible done']), 10_000);
});

it('goes on with the slices that one scrolls to, the nearest first, and turns round with the user', async () => {
  const stack = seriesOf(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
  for (let n = 1; n <= 12; n++) put(n);
  visible.look('page', stack, planeOf(3));
  await vi.waitFor(() => expect(order).toEqual([3, 4, 2, 5, 1, 6, 7]), 10_000);
  expect(prepared).toEqual(['visible done', ...Array<string>(6).fill('prefetch done')]);
  visible.look('page', stack, planeOf(5));
  await vi.waitFor(() => expect(order.slice(7)).toEqual([5, 6, 7, 8, 4, 9, 10]), 10_000);
  visible.look('page', stack, planeOf(4));
  await vi.waitFor(() => expect(order.slice(14)).toEqual([4, 3, 2, 1, 5, 6, 7]), 10_000);
});

it('prepares nothing ahead with a model that a prompt would have to wait for', async () => {
  const stack = seriesOf(1, 2, 3);
  for (const n of [1, 2, 3]) put(n);
  inferenceMs = 400;
  visible.look('page', stack, planeOf(1));
  visible.look('other page', stack, planeOf(3));
  await vi.waitFor(() => expect(prepared).toEqual(['visible done', 'visible done']), 10_000);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(order.sort()).toEqual([1, 3]);
});
