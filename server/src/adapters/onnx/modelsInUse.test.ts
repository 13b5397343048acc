import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Box } from '@ohif-medsam/protocol';
import { afterEach, expect, it } from 'vitest';
import type { InferenceEngine } from '../../ports/inferenceEngine.ts';
import { disc, DISC_BOX } from './fixtures/disc.ts';
import { addModel, makeModelFolder, weightsOf } from './fixtures/modelFolder.ts';
import { makePublishedFolder, readFixture, sliceImage, type FixtureImage } from './fixtures/publishedModels.ts';
import { openSmallEngine } from './fixtures/openSmallEngine.ts';

const { 'medsam-vit-b': picture } = (await readFixture('answers.json')) as Record<
  'medsam-vit-b',
  FixtureImage & { readonly box: Box }
>;
const image = sliceImage(picture, 'picture');
const { box } = picture;

const made: string[] = [];
const engines: InferenceEngine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  await Promise.all(made.splice(0).map((folder) => rm(folder, { recursive: true })));
});

async function open(modelsFolder: string, installedFolder: string): Promise<InferenceEngine> {
  const engine = await openSmallEngine(modelsFolder, { installedFolder });
  engines.push(engine);
  return engine;
}

it('a model that is replaced computes anew what the former one kept of an image', { timeout: 60_000 }, async () => {
  const own = await makePublishedFolder('litemedsam');
  const installed = await makePublishedFolder('medsam-vit-b');
  made.push(own, installed);
  const engine = await open(own, installed);
  const answer = async (of: InferenceEngine) =>
    (await of.segment({ modelId: 'medsam-vit-b', image, box, priority: 'prompt' })).runs;
  const before = await answer(engine);
  const file = join(installed, 'cards', 'medsam-vit-b.json');
  const card = JSON.parse(await readFile(file, 'utf8')) as { readonly input: object };
  const other = { ...card, version: '2.0.0', input: { ...card.input, preprocessing: 'litemedsam' } };
  await writeFile(file, JSON.stringify(other));
  await engine.rereadModels();
  const after = await answer(engine);
  expect(after).not.toEqual(before);
  expect(after).toEqual(await answer(await open(own, installed)));
});

it('installed models need no folder until there is one', { timeout: 60_000 }, async () => {
  const own = await makePublishedFolder('litemedsam');
  const state = await mkdtemp(join(tmpdir(), 'medsam-state-'));
  made.push(own, state);
  const engine = await open(own, join(state, 'models'));
  expect(engine.models().map(({ id }) => id)).toEqual(['litemedsam']);
  expect(engine.health()[0]).not.toHaveProperty('problem');
});

it('a person waits for one new model, not for all', { timeout: 60_000 }, async () => {
  const folder = await makeModelFolder('bright');
  made.push(folder);
  const engine = await openSmallEngine(folder);
  engines.push(engine);
  for (const id of ['one', 'two']) await addModel(folder, id, weightsOf('slow'));
  const read = engine.rereadModels();
  await engine.segment({ modelId: 'bright', image: disc('disc'), box: DISC_BOX, priority: 'prompt' });
  expect(engine.models().map(({ id }) => id)).toEqual(['bright', 'one']);
  await read;
  expect(engine.models().map(({ id }) => id)).toEqual(['bright', 'one', 'two']);
});

it('an engine that is closed between two new models comes to rest', { timeout: 60_000 }, async () => {
  const folder = await makeModelFolder('bright');
  made.push(folder);
  const engine = await openSmallEngine(folder);
  for (const id of ['one', 'two']) await addModel(folder, id, weightsOf('bright'));
  const read = engine.rereadModels();
  await engine.segment({ modelId: 'bright', image: disc('disc'), box: DISC_BOX, priority: 'prompt' });
  await engine.close();
  await read;
  // Whatever is asked again and again of a process that is gone would leave no time for this.
  await new Promise((resolve) => setTimeout(resolve, 50));
});
