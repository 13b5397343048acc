import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkModel } from './checkModel.ts';
import { addModel, makeModelFolder, otherAnswer } from './fixtures/modelFolder.ts';

let folder: string;
beforeAll(async () => {
  folder = await makeModelFolder('bright');
});
afterAll(async () => rm(folder, { recursive: true }));

it('says what a model is that a server could use', async () => {
  await expect(checkModel(folder, 'bright.json')).resolves.toMatchObject({ info: { id: 'bright', device: 'CPU' } });
});

it.each([
  ['its weights were cut off', 'cut', /has 100 bytes/],
  ['it is no graph', 'text', /protobuf/i],
  ['it computes something else than when it was exported', 'other', /Golden logits differ/],
  ['there is no such card', 'nothing', /nothing\.json cannot be read/],
])('says that %s', async (_, id, problem) => {
  const bright = await readFile(join(folder, 'weights', 'bright.onnx'));
  if (id === 'cut') {
    await addModel(folder, id, bright);
    await writeFile(join(folder, 'weights', 'cut.onnx'), bright.subarray(0, 100));
  }
  if (id === 'text') await addModel(folder, id, Buffer.from('not a graph'));
  if (id === 'other') await addModel(folder, id, otherAnswer());
  const outcome = await checkModel(folder, `${id}.json`);
  expect('problems' in outcome && outcome.problems.join(' ')).toMatch(problem);
});
