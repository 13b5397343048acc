import { createHash, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { countPixels, intersect, type PromptRequest, type Runs } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { memorySliceStore } from '../adapters/memory/sliceStore.ts';
import { makeModelFolder } from '../adapters/onnx/fixtures/modelFolder.ts';
import { makePublishedFolder } from '../adapters/onnx/fixtures/publishedModels.ts';
import { openSmallEngine } from '../adapters/onnx/fixtures/openSmallEngine.ts';
import type { InferenceEngine, PixelPoint } from '../ports/inferenceEngine.ts';
import { segmentFromBox } from './segmentFromBox.ts';

const ct = { modality: 'CT', bodyPart: 'ABDOMEN' };
const [columns, rows] = [80, 50];
/** A disc of 200 HU and radius 12 around (40, 25) in fat, stored with an intercept. */
const pixels = Uint16Array.from({ length: columns * rows }, (_, at) =>
  Math.hypot((at % columns) - 40, Math.floor(at / columns) - 25) <= 12 ? 1224 : 924,
);
const hash = createHash('sha256').update(pixels).digest('hex');
const plane = { axis: 'k', frame: '1.2.3/1' } as const;
const prompt = (changes: Partial<PromptRequest> = {}): PromptRequest => ({
  seriesUid: '1.2',
  promptId: randomUUID(),
  segmentId: randomUUID(),
  plane,
  sliceHash: hash,
  box: [24, 9, 56, 41],
  window: { kind: 'auto' },
  modelId: 'bright',
  ...changes,
});

let modelsFolder: string;
let engine: InferenceEngine;
const slices = memorySliceStore(1_000_000);
beforeAll(async () => {
  modelsFolder = await makeModelFolder('bright', 'slow');
  engine = await openSmallEngine(modelsFolder);
  const facts = { slope: 1, intercept: -1024, invert: false, components: 1 } as const;
  slices.put({ seriesUid: '1.2', plane, hash, columns, rows, pixels, ...facts });
});
afterAll(async () => {
  await engine.close();
  await rm(modelsFolder, { recursive: true });
});
const segment = (...args: Parameters<ReturnType<typeof segmentFromBox>>) => segmentFromBox({ slices, engine })(...args);

it('finds the disc, and says by which model, on what, and how the pixels were shown', async () => {
  const result = await segment(prompt(), ct);
  expect(countPixels(result.runs)).toBeGreaterThan(Math.PI * 10.5 ** 2);
  expect(countPixels(result.runs)).toBeLessThan(Math.PI * 13.5 ** 2);
  expect(result).toMatchObject({
    window: { center: 40, width: 400, label: 'Abdomen' },
    modelId: 'bright',
    device: 'CPU',
  });
  expect(result.ms.total).toBeGreaterThanOrEqual(result.ms.inference);
});

it('depends on the window: where everything is white, everything in the box is bright', async () => {
  const wide = await segment(prompt({ window: { kind: 'level', center: -900, width: 10 } }), ct);
  expect(countPixels(wide.runs)).toBeGreaterThan(30 * 30);
});

it.each([
  ['outside of the image', [90, 10, 99, 20]],
  ['inverted', [50, 40, 30, 10]],
  ['a line', [20, 10, 20, 30]],
  ['not a number', [NaN, 10, 30, 30]],
] as const)('refuses a box that is %s', async (_, box) => {
  await expect(segment(prompt({ box }), ct)).rejects.toMatchObject({ code: 'box-invalid' });
});

it('is corrected by points, within what the model looks at', async () => {
  const corrected = async (inside: PixelPoint[], outside: PixelPoint[] = []) =>
    (await segment({ ...prompt(), corrections: { inside, outside } }, ct)).runs;
  const covers = (runs: Runs, [x, y]: PixelPoint) => intersect(runs, [y * columns + x, 1]).length > 0;
  const [middle, corner] = [
    [40, 25],
    [26, 11],
  ] as const;
  const plain = await corrected([]);
  expect([covers(plain, middle), covers(plain, corner)]).toEqual([true, false]);
  const mended = await corrected([corner], [middle]);
  expect([covers(mended, middle), covers(mended, corner)]).toEqual([false, true]);
  expect(await corrected([[79, 0]], [[0, 49]])).toEqual(plain);
});

it.each([[[80, 0]], [[0, 50]]] as const)('refuses a point outside of the image: %j', async (point) => {
  const corrections = { inside: [], outside: [point] };
  await expect(segment({ ...prompt(), corrections }, ct)).rejects.toMatchObject({ code: 'points-invalid' });
});

it('refuses points for a model that takes boxes only', async () => {
  const folder = await makePublishedFolder('medsam2', 'litemedsam');
  const published = await openSmallEngine(folder);
  try {
    expect(published.models().map(({ id, takesPoints }) => [id, takesPoints])).toEqual([
      ['litemedsam', true],
      ['medsam2', false],
    ]);
    const ask = segmentFromBox({ slices, engine: published });
    const corrections = { inside: [[40, 25] as const], outside: [] };
    await expect(ask({ ...prompt({ modelId: 'medsam2' }), corrections }, ct)).rejects.toMatchObject({
      code: 'points-invalid',
      detail: expect.stringMatching(/takes boxes only/) as unknown,
    });
  } finally {
    await published.close();
    await rm(folder, { recursive: true });
  }
});

it('asks for a slice that is not here, names a model or a window that does not exist', async () => {
  const other = 'b'.repeat(64);
  await expect(segment(prompt({ sliceHash: other }), ct)).rejects.toMatchObject({ code: 'slice-missing' });
  await expect(segment(prompt({ modelId: 'other' }), ct)).rejects.toMatchObject({ code: 'model-unknown' });
  const window = { kind: 'preset', id: 'toe' } as const;
  await expect(segment(prompt({ window }), ct)).rejects.toMatchObject({ code: 'input-invalid' });
});

it('lets the newest box of a prompt win; those before it never keep it waiting', async () => {
  const ask = segmentFromBox({ slices, engine });
  const promptId = randomUUID();
  const busy = ask(prompt({ modelId: 'slow' }), ct);
  const dragged = [30, 31, 32, 33].map(async (x) => ask(prompt({ promptId, box: [x, 9, 56, 41] }), ct));
  const ends = await Promise.allSettled([busy, ...dragged]);
  expect(ends.map((end) => (end.status === 'fulfilled' ? 'mask' : (end.reason as { code: string }).code))).toEqual([
    'mask',
    'superseded',
    'superseded',
    'superseded',
    'mask',
  ]);
});

it('a box that is picked up again is previewed, and its mask from before it was comes all the same', async () => {
  const ask = segmentFromBox({ slices, engine });
  const box = prompt();
  const busy = ask(prompt({ modelId: 'slow' }), ct);
  const looks = () => ask(box, ct, { isPreview: true });
  const ends = await Promise.allSettled([busy, looks(), ask(box, ct), looks(), looks()]);
  expect(ends.map((end) => (end.status === 'fulfilled' ? 'mask' : (end.reason as { code: string }).code))).toEqual([
    'mask',
    'superseded',
    'mask',
    'superseded',
    'mask',
  ]);
});

it('ends when its asker is gone', async () => {
  const controller = new AbortController();
  const asked = segment(prompt({ modelId: 'slow' }), ct, { signal: controller.signal });
  controller.abort();
  await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
});
