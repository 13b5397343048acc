import { rm } from 'node:fs/promises';
import { encodeRuns } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeModelFolder } from '../adapters/onnx/fixtures/modelFolder.ts';
import { openSmallEngine } from '../adapters/onnx/fixtures/openSmallEngine.ts';
import { makePublishedFolder } from '../adapters/onnx/fixtures/publishedModels.ts';
import type { InferenceEngine } from '../ports/inferenceEngine.ts';
import { evaluateObject } from './evaluateModel.ts';

const [columns, rows] = [60, 60];
const signal = new AbortController().signal;

const opened: (readonly [folder: string, engine: InferenceEngine])[] = [];
beforeAll(async () => {
  for (const folder of [await makeModelFolder('bright'), await makePublishedFolder('medsam2')])
    opened.push([folder, await openSmallEngine(folder)]);
});
afterAll(() =>
  Promise.all(opened.map(([folder, engine]) => engine.close().then(() => rm(folder, { recursive: true })))),
);

let images = 0;
/** The grey value of each pixel, and whether it belongs to the object. */
function evaluate(modelId: string, drawn: (x: number, y: number) => readonly [grey: number, isObject: boolean]) {
  const each = Array.from({ length: columns * rows }, (_, at) => drawn(at % columns, Math.floor(at / columns)));
  const pixels = Uint8Array.from(each, ([grey]) => grey);
  const object = { id: 1, truth: encodeRuns(Uint8Array.from(each, ([, isObject]) => (isObject ? 1 : 0))) };
  const image = { key: `${String(++images)}.png`, columns, rows, components: 1, pixels } as const;
  const engine = opened[modelId === 'bright' ? 0 : 1]![1];
  return evaluateObject({ engine, modelId, signal }, { set: 's', image, objects: [object] }, object, false);
}

const isDisc = (x: number, y: number) => Math.hypot(x - 30, y - 30) < 20;
const isSpot = (x: number, y: number) => Math.hypot(x - 30, y - 30) < 9;

it.each([
  ['a part is missed', (x: number, y: number) => [isDisc(x, y) && !isSpot(x, y) ? 220 : 30, isDisc(x, y)] as const],
  ['a hole is filled', (x: number, y: number) => [isDisc(x, y) ? 220 : 30, isDisc(x, y) && !isSpot(x, y)] as const],
])('judges what a click makes of a mask where %s', async (_, drawn) => {
  const { model, clicked } = await evaluate('bright', drawn);
  expect(model.dice).toBeLessThan(0.96);
  expect(clicked?.dice).toBeGreaterThan(model.dice + 0.02);
});

it('asks no model to correct that takes boxes only', async () => {
  const { clicked, model } = await evaluate('medsam2', (x, y) => [isDisc(x, y) ? 220 : 30, isDisc(x, y)]);
  expect(model.dice).toBeGreaterThanOrEqual(0);
  expect(clicked).toBeUndefined();
});
