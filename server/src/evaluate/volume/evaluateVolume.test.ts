import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memorySliceStore } from '../../adapters/memory/sliceStore.ts';
import { makeModelFolder } from '../../adapters/onnx/fixtures/modelFolder.ts';
import { openSmallEngine } from '../../adapters/onnx/fixtures/openSmallEngine.ts';
import type { InferenceEngine } from '../../ports/inferenceEngine.ts';
import { STOP } from '../../propagate/index.ts';
import { evaluateVolumeObject } from './evaluateVolume.ts';
import { outcomeOf } from './fitStopRule.ts';
import { recordWalk } from './recordWalk.ts';
import { objectsOf, type TruthVolume } from './volume.ts';
import { volumesReportOf } from './volumesReport.ts';

const [columns, rows, slices] = [64, 64, 24];

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

/** Bright tubes of radius 12 along the slices, by the slices [from, until) on which they are bright, and on which they are true. */
interface Tube {
  readonly bright: readonly [from: number, until: number];
  readonly isTrue: (k: number) => boolean;
  /** A slice on which nothing is bright. */
  readonly dark?: number;
}

function volumeOf({ bright: [from, until], isTrue, dark }: Tube): TruthVolume {
  const values = new Int16Array(columns * rows * slices).fill(-100);
  const labels = new Uint8Array(values.length);
  for (let k = 0, at = 0; k < slices; k++)
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++, at++) {
        if (Math.hypot(x - 31.5, y - 31.5) > 12) continue;
        if (k >= from && k < until && k !== dark) values[at] = 200;
        if (isTrue(k)) labels[at] = 7;
      }
  const facts = { set: 's', name: 'tube', series: { modality: 'CT' }, spacingMm: [1, 1, 2.5] as const };
  return { ...facts, columns, rows, slices, values, labels };
}

async function evaluated(tube: Tube, signal = new AbortController().signal) {
  const { volume, object } = objectOf(tube);
  return evaluateVolumeObject(portsWith(signal), volume, object);
}

function objectOf(tube: Tube) {
  const volume = volumeOf(tube);
  const [object, ...others] = objectsOf(volume);
  if (!object || others.length > 0) throw new RangeError('one object expected');
  return { volume, object };
}

const portsWith = (signal: AbortSignal) => ({
  engine,
  modelId: 'bright',
  slices: memorySliceStore(10_000_000),
  signal,
});

const between = (from: number, until: number) => (k: number) => k >= from && k < until;

it.each([
  ['that ends as it looks', { bright: [6, 18], isTrue: between(6, 18) }],
  ['that leaks', { bright: [4, 18], isTrue: between(8, 18) }],
  ['with a slice that shows nothing', { bright: [4, 20], isTrue: between(4, 20), dark: 8 }],
] satisfies [string, Tube][])(
  'a recorded walk through an object %s says what propagation makes of it',
  async (_, tube) => {
    const { volume, object } = objectOf(tube);
    const walk = await recordWalk(portsWith(new AbortController().signal), volume, object);
    const { unbounded, leakedSlices } = await evaluated(tube);
    expect(outcomeOf(walk, STOP).dice).toBeCloseTo(unbounded.dice, 6);
    expect(outcomeOf(walk, STOP).leaked).toBe(leakedSlices);
  },
);

describe('one box on the middle slice', () => {
  it('is enough for an object that ends where it looks as if it did', async () => {
    const score = await evaluated({ bright: [6, 18], isTrue: between(6, 18) });
    expect(score).toMatchObject({ object: 7, slices: 12, leakedSlices: 0, leakedMl: 0, missedSlices: 0, prompts: 1 });
    expect(score.unbounded).toEqual(score.bounded);
    expect(score.bounded.dice).toBeGreaterThan(0.95);
    expect(score.diceByPrompts).toHaveLength(1);
    // All but the one with the box.
    expect(score.untouchedSlices).toBe(11);
    // Upstream's rule asks with the first box again, and what is not there is not found: the model of this test sees nothing.
    expect(score.upstreamsRule.dice).toBeGreaterThan(0.95);
  });

  it('leaks where the object does not look as if it ended, and one more prompt ends it', async () => {
    const score = await evaluated({ bright: [4, 18], isTrue: between(8, 18) });
    expect(score.leakedSlices).toBe(4);
    const slicePixels = score.voxels / score.slices;
    expect(score.leakedMl).toBeCloseTo((4 * slicePixels * 2.5) / 1000, 1);
    expect(score.bounded.dice).toBeGreaterThan(0.95);
    expect(score.unbounded.dice).toBeLessThan(0.85);
    expect(score.unbounded.nsd).toBeLessThan(score.bounded.nsd);
    expect(score.upstreamsRule.dice).toBeLessThan(0.85);
    expect(score.prompts).toBe(2);
    expect(score.diceByPrompts.at(-1)).toBeGreaterThanOrEqual(0.9);
  });

  it('misses what it cannot see, which then costs most of the work by hand', async () => {
    const score = await evaluated({ bright: [10, 13], isTrue: between(4, 20) });
    expect(score).toMatchObject({ missedSlices: 13, leakedSlices: 0 });
    expect(score.prompts).toBeGreaterThan(8);
    expect(score.diceByPrompts.length).toBeLessThanOrEqual(16);
    expect(score.untouchedSlices).toBeLessThan(score.slices / 2);
  });

  it('reaches one part of an object in two, and a second box the other', async () => {
    const isTrue = (k: number) => between(1, 9)(k) || between(16, 20)(k);
    const volume = volumeOf({ bright: [0, 24], isTrue });
    // Dark between the parts.
    volume.values.fill(-100, 9 * columns * rows, 16 * columns * rows);
    volume.values.fill(-100, 20 * columns * rows);
    volume.values.fill(-100, 0, columns * rows);
    const [object] = objectsOf(volume);
    if (!object) throw new RangeError('no object');
    const ports = { engine, modelId: 'bright', slices: memorySliceStore(10_000_000) };
    const score = await evaluateVolumeObject({ ...ports, signal: new AbortController().signal }, volume, object);
    expect(score).toMatchObject({ slices: 12, missedSlices: 4, prompts: 2 });
  });

  it('ends when it is cancelled', async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(evaluated({ bright: [6, 18], isTrue: between(6, 18) }, stop.signal)).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

it('drops objects below 1000 voxels, and keeps the others by their labels', () => {
  const volume = volumeOf({ bright: [0, 24], isTrue: between(0, 24) });
  volume.labels.fill(0);
  volume.labels.fill(9, 0, 999);
  volume.labels.fill(4, 2_000, 3_000);
  expect(objectsOf(volume).map(({ label, voxels }) => [label, voxels])).toEqual([[4, 1000]]);
});

it('counts objects that are never good enough as a prompt for every slice', () => {
  const one = {
    set: 's',
    volume: 'v',
    object: 1,
    slices: 8,
    voxels: 2_000,
    leakedSlices: 2,
    leakedMl: 1,
    missedSlices: 0,
  };
  const scores = {
    bounded: { dice: 0.8, nsd: 0.7 },
    unbounded: { dice: 0.6, nsd: 0.5 },
    upstreamsRule: { dice: 0.4, nsd: 0.3 },
    diceByPrompts: [0.6, 0.9],
    untouchedSlices: 4,
  };
  const report = volumesReportOf([
    { ...one, ...scores, prompts: 2 },
    { ...one, ...scores, slices: 10, prompts: null },
  ]);
  expect(report['s']).toMatchObject({ n: 2, leakedSlices: { mean: 2 }, slices: { mean: 9 } });
  expect(report['s']).toMatchObject({ secondPrompt: { mean: 0.9 }, upstreamsRule: { dice: { mean: 0.4 } } });
  // Two prompts for 8 slices, and 10 for 10.
  expect(report['s']).toMatchObject({ saved: { mean: 0.375 }, untouched: { mean: 0.45 } });
  expect(report['s']?.prompts).toMatchObject({ mean: 6, reached: 1, target: 0.9 });
});
