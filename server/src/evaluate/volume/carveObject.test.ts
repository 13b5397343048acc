import { rm } from 'node:fs/promises';
import { countPixels, encodeRuns, intersect, type Runs } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { memorySliceStore } from '../../adapters/memory/sliceStore.ts';
import { makeModelFolder } from '../../adapters/onnx/fixtures/modelFolder.ts';
import { openSmallEngine } from '../../adapters/onnx/fixtures/openSmallEngine.ts';
import type { InferenceEngine } from '../../ports/inferenceEngine.ts';
import { CarvedObject } from './carveObject.ts';
import type { TruthVolume } from './volume.ts';

let modelsFolder: string;
let engine: InferenceEngine;
beforeAll(async () => {
  modelsFolder = await makeModelFolder('bright');
  engine = await openSmallEngine(modelsFolder);
});
afterAll(async () => {
  await engine.close();
  await rm(modelsFolder, { recursive: true });
});

const [columns, rows, slices] = [64, 48, 9];
const isIn = (centre: number, x: number, y: number) => Math.hypot(x - centre, y - 23.5) < 9;
const tube = (centre: number): Runs =>
  encodeRuns(
    Uint8Array.from({ length: columns * rows }, (_, at) => (isIn(centre, at % columns, at / columns) ? 1 : 0)),
  );
const [left, right] = [tube(15), tube(48)];

/** Two bright tubes along all slices. */
function volume(): TruthVolume {
  const values = Int16Array.from({ length: columns * rows * slices }, (_, n) => {
    const [x, y] = [n % columns, (n % (columns * rows)) / columns];
    return isIn(15, x, y) || isIn(48, x, y) ? 200 : -100;
  });
  const facts = { set: 's', name: 'tubes', series: { modality: 'CT' }, spacingMm: [1, 1, 1] as const };
  return { ...facts, columns, rows, slices, values, labels: new Uint8Array(0) };
}

it('a corrected slice keeps its mask when another part of the object is carried over it', async () => {
  const store = memorySliceStore(10_000_000);
  const signal = new AbortController().signal;
  const carved = new CarvedObject({ engine, modelId: 'bright', slices: store, signal }, volume());
  await carved.correct(3, left);
  await carved.correct(6, right);
  const there = carved.masks[3] ?? [];
  expect(intersect(there, left)).toEqual(left);
  expect(countPixels(intersect(there, right))).toBeGreaterThan(0.9 * countPixels(right));
  expect(carved.isDecided(3) && carved.isDecided(6)).toBe(true);
  expect(carved.isDecided(4)).toBe(false);
});
