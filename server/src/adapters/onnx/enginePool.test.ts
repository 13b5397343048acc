import { rm } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { BoxRequest, InferenceEngine } from '../../ports/inferenceEngine.ts';
import { openEnginePool } from './enginePool.ts';
import { disc, DISC_BOX } from './fixtures/disc.ts';
import { smallEngine } from './fixtures/openSmallEngine.ts';
import { addModel, makeModelFolder, weightsOf } from './fixtures/modelFolder.ts';
import { makePublishedFolder } from './fixtures/publishedModels.ts';

let engine: InferenceEngine;
let modelsFolder: string;
async function openPool(folder: Promise<string>): Promise<void> {
  modelsFolder = await folder;
  engine = await openEnginePool({ ...smallEngine, modelsFolder, threads: 2 }, 2);
}
const ask = async (modelId: string, key: string, changes: Partial<BoxRequest> = {}) =>
  engine.segment({ modelId, image: disc(key), priority: 'prompt', box: DISC_BOX, ...changes });
afterEach(async () => {
  await engine.close();
  await rm(modelsFolder, { recursive: true });
});

describe('two engine processes', () => {
  it('work at the same time, and answer alike', async () => {
    await openPool(makeModelFolder('slow'));
    const answers = await Promise.all([ask('slow', 'one'), ask('slow', 'two')]);
    expect(answers[0].runs).toEqual(answers[1].runs);
    const queued = Math.max(...answers.map(({ queuedMs }) => queuedMs));
    expect(queued).toBeLessThan(Math.min(...answers.map(({ inferenceMs }) => inferenceMs)) / 2);
    expect(new Set(engine.health().map(({ pid }) => pid))).toHaveProperty('size', 2);
  });

  it('compute what a slice needs once: all about it goes to the one that has it', async () => {
    await openPool(makePublishedFolder('litemedsam'));
    const boxes = [39, 49, 59].map((x) => ({ box: [20, 10, x, 39] as const }));
    const asked = ['one', 'two'].flatMap((key) => boxes.map(async (box) => ask('litemedsam', key, box)));
    await Promise.all(asked);
    const prepared = engine.health().map(({ prepared: of }) => of);
    expect(prepared.map(({ misses, hits }) => [misses, hits])).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('stand in for one another', async () => {
    await openPool(makePublishedFolder('litemedsam'));
    const before = await ask('litemedsam', 'one');
    const holder = engine.health().find(({ prepared }) => prepared.misses > 0);
    process.kill(holder?.pid ?? -1, 'SIGKILL');
    await expect.poll(() => engine.health().filter(({ state }) => state === 'ready').length).toBe(1);
    expect((await ask('litemedsam', 'one')).runs).toEqual(before.runs);
    expect(engine.models()).toHaveLength(1);
  });

  it('read new models one after the other, so that somebody answers meanwhile', async () => {
    await openPool(makeModelFolder('bright'));
    await addModel(modelsFolder, 'endless', weightsOf('endless'));
    void engine.rereadModels();
    for (const key of ['one', 'two', 'three', 'four']) await expect(ask('bright', key)).resolves.toBeDefined();
    expect(engine.health().map(({ loading }) => loading)).toEqual(['Test model endless (CPU)', undefined]);
  });

  it('are asked for a new model by whoever has it', async () => {
    await openPool(makeModelFolder('bright'));
    for (const id of ['first', 'second']) await addModel(modelsFolder, id, weightsOf('bright'));
    const isKnown = new Promise<void>((resolve) => engine.onModelsChanged(resolve));
    const read = engine.rereadModels();
    await isKnown;
    expect(engine.models().map(({ id }) => id)).toEqual(['bright', 'first']);
    await expect(ask('first', 'one')).resolves.toBeDefined();
    await read;
  });

  it('leave a tracked object to the one that remembers it, even where another has looked ahead', async () => {
    await openPool(makePublishedFolder('medsam2'));
    const prepare = async (key: string) =>
      engine.prepare({ modelId: 'medsam2', image: disc(key), priority: 'visible' });
    await Promise.all(['here', 'ahead'].map(prepare));
    const misses = () => engine.health().map(({ prepared }) => prepared.misses);
    expect(misses()).toEqual([1, 1]);
    const known = [{ image: disc('here'), mask: [2030, 20], apart: 1, isAnchor: true }];
    await engine.track({ modelId: 'medsam2', image: disc('ahead'), known, planes: 2, priority: 'propagation' });
    expect(misses()).toEqual([2, 1]);
  });
});
