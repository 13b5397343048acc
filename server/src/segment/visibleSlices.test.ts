import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Plane } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { memorySliceStore } from '../adapters/memory/sliceStore.ts';
import { makePublishedFolder } from '../adapters/onnx/fixtures/publishedModels.ts';
import { openSmallEngine } from '../adapters/onnx/fixtures/openSmallEngine.ts';
import type { InferenceEngine } from '../ports/inferenceEngine.ts';
import { visibleSlices } from './visibleSlices.ts';

const facts = { modality: 'CT', bodyPart: 'ABDOMEN' };
const planeOf = (n: number): Plane => ({ axis: 'k', frame: `1.2.3.${String(n)}/1` });

let modelsFolder: string;
let engine: InferenceEngine;
/** What became of each image that was to be prepared, in order: `done` or an error's code. */
let prepared: string[];
/** Requests wait for this before they reach the engine. */
let gate: Promise<void>;
let slices: ReturnType<typeof memorySliceStore>;
let visible: ReturnType<typeof visibleSlices>;

function put(n: number): void {
  const pixels = Uint16Array.from({ length: 80 * 50 }, (_, at) => 900 + ((at * n) % 400));
  const hash = createHash('sha256').update(pixels).digest('hex');
  const how = { slope: 1, intercept: -1024, invert: false, components: 1 } as const;
  slices.put({ seriesUid: '1.2', plane: planeOf(n), hash, columns: 80, rows: 50, pixels, ...how });
}

beforeAll(async () => {
  modelsFolder = await makePublishedFolder('litemedsam');
  engine = await openSmallEngine(modelsFolder);
});
afterAll(async () => {
  await engine.close();
  await rm(modelsFolder, { recursive: true });
});
beforeEach(() => {
  prepared = [];
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
    },
  };
  visible = visibleSlices({ slices, engine: listened as InferenceEngine, sliceTimeoutMs: 10_000 });
});

it('prepares the slice a page looks at, once, whether it is here or still to come', async () => {
  put(1);
  visible.look('page', '1.2', planeOf(1), facts);
  visible.look('page', '1.2', planeOf(1), facts);
  await vi.waitFor(() => expect(prepared).toEqual(['visible done']), 10_000);
  visible.look('page', '1.2', planeOf(2), facts);
  put(2);
  await vi.waitFor(() => expect(prepared).toEqual(['visible done', 'visible done']), 10_000);
});

it('gives up a slice that the page has scrolled past, or whose page is gone', async () => {
  let open = () => {};
  gate = new Promise((resolve) => (open = resolve));
  for (const n of [1, 2, 3, 4]) put(n);
  for (const n of [1, 2, 3]) {
    visible.look('page', '1.2', planeOf(n), facts);
    // It is on its way to the engine when the page scrolls on.
    await new Promise((resolve) => setImmediate(resolve));
  }
  visible.look('other page', '1.2', planeOf(4), facts);
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
  visible.look('page', '1.2', planeOf(1), facts);
  visible.asked('page', '1.2', 'litemedsam', { kind: 'level', center: 0, width: 100 });
  visible.look('page', '1.2', planeOf(1), facts);
  await vi.waitFor(() => expect(prepared).toEqual(['visible done']), 10_000);
});
