import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeRuns } from '@ohif-medsam/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { BoxRequest, InferenceEngine } from '../../ports/inferenceEngine.ts';
import { addModel, makeModelFolder, otherAnswer, renamedInput, weightsOf } from './fixtures/modelFolder.ts';
import { disc, DISC_BOX } from './fixtures/disc.ts';
import { openSmallEngine } from './fixtures/openSmallEngine.ts';
import type { OnnxEngineOptions } from './engineOptions.ts';

let modelsFolder: string;
/** With a model that takes its time. */
let slow: { readonly modelsFolder: string };
const opened: InferenceEngine[] = [];
const openEngine = async (changes: Partial<OnnxEngineOptions> = {}) => {
  const engine = await openSmallEngine(modelsFolder, { defaultModelId: 'bright', ...changes });
  opened.push(engine);
  return engine;
};
const ask = async (engine: InferenceEngine, changes: Partial<BoxRequest> = {}) =>
  engine.segment({ modelId: 'bright', image: disc('disc'), priority: 'prompt', box: DISC_BOX, ...changes });
const pidOf = (engine: InferenceEngine): number => engine.health()[0]?.pid ?? -1;

beforeAll(async () => {
  modelsFolder = await makeModelFolder('bright');
  slow = { modelsFolder: await makeModelFolder('bright', 'slow') };
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map(async (engine) => engine.close()));
});
afterAll(async () => {
  for (const folder of [modelsFolder, slow.modelsFolder]) await rm(folder, { recursive: true });
});

describe('a box on an image', () => {
  it('becomes the mask of the disc in it, over the whole image, with a score', async () => {
    const engine = await openEngine();
    const { runs, score } = await ask(engine);
    const mask = decodeRuns(runs, 80 * 50);
    // The model sees the image at less than one pixel of its own per image pixel: the outline may move by two.
    for (let at = 0; at < mask.length; at++) {
      const distance = Math.hypot((at % 80) - 40, Math.floor(at / 80) - 25) - 12;
      if (Math.abs(distance) > 2) expect(mask[at]).toBe(distance < 0 ? 1 : 0);
    }
    expect(score).toBeGreaterThan(0.9);
    expect(engine.models()).toMatchObject([{ id: 'bright', device: 'CPU' }]);
    expect(engine.health()).toMatchObject([{ state: 'ready', restarts: 0, queued: 0 }]);
  });

  it('may reach over the edge', async () => {
    const { runs } = await ask(await openEngine(), { image: disc('edge', 45) });
    expect(runs.length).toBeGreaterThan(0);
  });

  it('is answered alike when the process has forgotten the image and gets it again', async () => {
    const image = disc('first');
    const engine = await openEngine({ imageBytes: image.pixels.byteLength });
    const { runs } = await ask(engine, { image });
    for (const key of ['second', 'third', 'first', 'second', 'first'])
      expect((await ask(engine, { image: { ...image, key } })).runs).toEqual(runs);
  });

  it('is answered even if the image is larger than all the process may keep', async () => {
    const engine = await openEngine({ imageBytes: 10 });
    expect((await ask(engine)).runs).toEqual((await ask(engine)).runs);
  });
});

it('leaves the event loop of the server free while the engine computes', async () => {
  const engine = await openEngine(slow);
  let turns = 0;
  const timer = setInterval(() => turns++, 5);
  await ask(engine, { modelId: 'slow' });
  clearInterval(timer);
  expect(turns).toBeGreaterThan(10);
});

describe('a process that dies', () => {
  it('costs nobody an answer: the request that ran is asked again, those that waited follow', async () => {
    const engine = await openEngine(slow);
    const pid = pidOf(engine);
    const order: string[] = [];
    const asked = [
      ask(engine, { modelId: 'slow', priority: 'propagation' }).then(() => order.push('ran')),
      ask(engine).then(() => order.push('prompt')),
      ask(engine, { priority: 'propagation', image: disc('other') }).then(() => order.push('waited')),
    ];
    await sleep(50);
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(() =>
      expect(engine.health()).toMatchObject([
        { state: 'restarting', problem: expect.stringContaining('SIGKILL') as string },
      ]),
    );
    await Promise.all(asked);
    expect(order).toEqual(['prompt', 'ran', 'waited']);
    expect(engine.health()).toMatchObject([{ state: 'ready', restarts: 1 }]);
    expect(pidOf(engine)).not.toBe(pid);
  });

  it('is blamed on the request that the next process dies of too, and on no other', async () => {
    const engine = await openEngine(slow);
    const deadly = ask(engine, { modelId: 'slow' });
    const other = ask(engine);
    const ends = Promise.allSettled([deadly, other]);
    for (const restarts of [0, 1]) {
      await vi.waitFor(() => expect(engine.health()).toMatchObject([{ state: 'ready', restarts }]), 10_000);
      await sleep(50);
      process.kill(pidOf(engine), 'SIGKILL');
    }
    await ends;
    await expect(deadly).rejects.toMatchObject({ code: 'engine-failed' });
    await expect(other).resolves.toBeDefined();
  });

  it('is killed when it hangs, and replaced', async () => {
    const engine = await openEngine({ runTimeoutMs: 3_000 });
    process.kill(pidOf(engine), 'SIGSTOP');
    await expect(ask(engine)).rejects.toMatchObject({ code: 'engine-failed' });
    expect(engine.health()[0]?.problem).toContain('did not answer within 3 s');
    await expect(ask(engine)).resolves.toBeDefined();
  });

  it('ends when the engine is closed, and with it what waits', async () => {
    const engine = await openEngine(slow);
    const pid = pidOf(engine);
    const waiting = [ask(engine, { modelId: 'slow' }), ask(engine)];
    const ends = Promise.allSettled(waiting);
    await engine.close();
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow());
    await expect(ask(engine)).rejects.toMatchObject({ code: 'cancelled' });
  });
});

it('does not outlive a server that is killed', async () => {
  const server = fork(fileURLToPath(new URL('./fixtures/openAndWait.ts', import.meta.url)), [modelsFolder], {
    execArgv: ['--import', 'tsx'],
  });
  const [pid] = (await once(server, 'message')) as [number];
  expect(process.kill(pid, 0)).toBe(true);
  server.kill('SIGKILL');
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), 10_000);
});

describe('a model that cannot be used', () => {
  let folder: string;
  let engine: InferenceEngine;

  beforeAll(async () => {
    folder = await makeModelFolder('bright');
    const bright = await readFile(join(folder, 'weights', 'bright.onnx'));
    const flipped = Buffer.from(bright);
    const middle = flipped.length >> 1;
    flipped.writeUInt8(flipped.readUInt8(middle) ^ 1, middle);
    const added = async (id: string, weights: Uint8Array, changes?: object) => addModel(folder, id, weights, changes);
    await added('flipped', bright);
    await writeFile(join(folder, 'weights', 'flipped.onnx'), flipped);
    await added('cut', bright);
    await writeFile(join(folder, 'weights', 'cut.onnx'), bright.subarray(0, 100));
    await added('missing', bright);
    await rm(join(folder, 'weights', 'missing.onnx'));
    await added('text', Buffer.from('not a graph'));
    await added('renamed', renamedInput());
    const tensor = (channels: number) => ({ shape: ['n', channels, 64, 64] });
    await added('reshaped', bright, {
      input: { name: 'crop', ...tensor(8) },
      output: { name: 'logits', ...tensor(1), threshold: 0 },
      crop: { size: 64, context: 1.5, maxStretch: 3 },
    });
    await added('other', otherAnswer());
    await added('terse', bright, { crop: undefined });
    await writeFile(join(folder, 'cards', 'torn.json'), '{"id": "torn", ');
    engine = await openSmallEngine(folder, { defaultModelId: 'bright' });
  });
  afterAll(async () => {
    await engine.close();
    await rm(folder, { recursive: true });
  });

  it.each([
    ['one bit of its weights flipped', 'flipped', /corrupt: SHA-256/],
    ['its weights were cut off', 'cut', /has 100 bytes/],
    ['its weights are not there', 'missing', /missing\.onnx cannot be read/],
    ['the file is no ONNX graph', 'text', /CPU: .*protobuf/i],
    ['its input has another name', 'renamed', /inputs of the graph are "picture", its card says "crop"/],
    ['its input has another shape', 'reshaped', /\[n, 8, 32, 32\], its card says float32 \[n, 8, 64, 64\]/],
    ['it computes something else than when it was exported', 'other', /Golden logits differ/],
    ['its card says too little', 'terse', /crop/],
    ['its card is not readable', 'torn', /torn\.json/],
  ])('because %s, says so', async (_, modelId, reason) => {
    const error: unknown = await ask(engine, { modelId }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'model-invalid', detail: expect.stringMatching(reason) as string });
    expect(engine.health()[0]?.problem).toMatch(reason);
    expect(engine.health()[0]?.problem).not.toContain(folder);
  });

  it('is told from one that does not exist', async () => {
    await expect(ask(engine, { modelId: 'nobody' })).rejects.toMatchObject({ code: 'model-unknown' });
  });

  it('does not stand in the list, and leaves the others at work', async () => {
    expect(engine.models().map((model) => model.id)).toEqual(['bright']);
    await expect(ask(engine)).resolves.toBeDefined();
  });
});

it('passes over a model of which two processes in a row died while they loaded it, and keeps the others at work', async () => {
  const folder = await makeModelFolder('bright');
  const engine = await openEngine({ modelsFolder: folder });
  await addModel(folder, 'endless', weightsOf('endless'));
  void engine.rereadModels();
  for (const restarts of [0, 1]) {
    const loading = 'Test model endless (CPU)';
    await vi.waitFor(() => expect(engine.health()).toMatchObject([{ restarts, loading }]), 20_000);
    process.kill(pidOf(engine), 'SIGKILL');
  }
  await expect(ask(engine)).resolves.toBeDefined();
  expect(engine.health()).toMatchObject([{ state: 'ready', restarts: 2 }]);
  expect(engine.health()[0]).not.toHaveProperty('loading');
  const why = /SIGKILL.*loading Test model endless/;
  await expect(ask(engine, { modelId: 'endless' })).rejects.toMatchObject({
    code: 'model-invalid',
    detail: expect.stringMatching(why) as string,
  });
  expect(engine.health()[0]?.problem).toMatch(why);
  await rm(folder, { recursive: true });
});

it('takes the first usable model where the folder lacks the one that was chosen, but replaces no broken one', async () => {
  expect((await openEngine({ defaultModelId: 'embedded-box' })).defaultModelId).toBe('bright');
  const folder = await makeModelFolder('bright');
  await addModel(folder, 'alike', Buffer.from('not a graph'));
  const engine = await openEngine({ modelsFolder: folder, defaultModelId: 'alike' });
  expect(engine.models()).toHaveLength(1);
  expect(engine.defaultModelId).toBe('alike');
  await rm(folder, { recursive: true });
});

it('takes the next execution provider where one cannot be loaded, and says so', async () => {
  const engine = await openEngine({ providers: ['cuda', 'cpu'] });
  await expect(ask(engine)).resolves.toBeDefined();
  const [model] = engine.models();
  if (model?.device === 'CPU') expect(engine.health()[0]?.problem).toMatch(/CUDA/);
  else expect(model?.device).toMatch(/CUDA/);
});

it('starts without a models folder, to say that there is none', async () => {
  const engine = await openEngine({ modelsFolder: join(modelsFolder, 'elsewhere') });
  expect(engine.models()).toEqual([]);
  expect(engine.health()).toMatchObject([{ state: 'ready', problem: expect.stringContaining('elsewhere') as string }]);
  expect(engine.health()[0]?.problem).not.toContain(modelsFolder);
  await expect(ask(engine)).rejects.toMatchObject({ code: 'model-invalid' });
});
