import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Box, Runs } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Corrections, InferenceEngine } from '../../ports/inferenceEngine.ts';
import { checkModel } from './checkModel.ts';
import {
  makePublishedFolder,
  readFixture,
  sliceImage,
  type FixtureImage,
  type PublishedId,
} from './fixtures/publishedModels.ts';
import { openSmallEngine } from './fixtures/openSmallEngine.ts';

/** What the same graphs answered in Python, with upstream's pre- and post-processing. */
const answers = (await readFixture('answers.json')) as Record<
  PublishedId,
  FixtureImage & {
    readonly box: Box;
    readonly prompts: readonly {
      readonly runs: Runs;
      readonly score?: number;
      readonly corrections?: Pick<Corrections, 'inside' | 'outside'> | null;
      readonly mask?: Runs | null;
    }[];
  }
>;
const ids = ['medsam-vit-b', 'litemedsam', 'medsam2'] as const;

const ask = async (
  engine: InferenceEngine,
  modelId: PublishedId,
  {
    box = answers[modelId].box,
    key = 'picture',
    corrections,
  }: { box?: Box; key?: string; corrections?: Corrections } = {},
) =>
  engine.segment({
    modelId,
    image: sliceImage(answers[modelId], key),
    priority: 'prompt',
    box,
    ...(corrections && { corrections }),
  });

describe('a published model', () => {
  let folder: string;
  let engine: InferenceEngine;
  beforeAll(async () => {
    folder = await makePublishedFolder(...ids);
    engine = await openSmallEngine(folder);
  });
  afterAll(async () => {
    await engine.close();
    await rm(folder, { recursive: true });
  });

  it('is offered with its licence and hash, and without a problem', () => {
    expect(engine.models().map(({ id }) => id)).toEqual([...ids].sort());
    for (const model of engine.models()) expect(model).toMatchObject({ device: 'CPU', version: '1.0.0' });
    expect(engine.health()[0]).not.toHaveProperty('problem');
  });

  it.each(ids)('%s answers as its graphs and upstream’s arithmetic do in Python', async (id) => {
    for (const { runs, score, corrections, mask } of answers[id].prompts) {
      const added = corrections && { corrections: { ...corrections, ...(mask && { mask }) } };
      const found = await ask(engine, id, { ...added });
      expect(found.runs).toEqual(runs);
      if (score !== undefined) expect(found.score).toBeCloseTo(score, 4);
    }
  });

  it.each(ids)('%s takes a box that reaches over the edge, and an image that was prepared', async (id) => {
    const { columns, rows } = answers[id];
    const image = sliceImage(answers[id], 'prepared');
    expect(engine.hasEmbedding(id)).toBe(true);
    await engine.prepare({ modelId: id, image, priority: 'visible' });
    const over = await ask(engine, id, { key: 'prepared', box: [-10, 5, columns + 30, rows + 2] });
    expect(over.runs).toEqual((await ask(engine, id, { box: [0, 5, columns - 1, rows - 1] })).runs);
  });

  it.each(ids)('%s answers the same where a GPU would answer several in one run', async (id) => {
    const batched = await openSmallEngine(folder, { batch: 4 });
    try {
      const { columns, rows } = answers[id];
      const asked = async (of: InferenceEngine) =>
        Promise.all(
          [0, 1, 2, 3, 4, 5].map(async (n) => {
            const box: Box = [n, 5, columns - 1 - n, rows - 1];
            const corrections = n === 3 ? { corrections: { inside: [[9, 9] as const], outside: [] } } : {};
            const { runs, score } = await ask(of, id, {
              key: String(n % 4),
              box,
              ...(id !== 'medsam2' && corrections),
            });
            return { runs, score: expect.closeTo(score, 4) as unknown };
          }),
        );
      // Before the second time it is known how long one takes, and every image is prepared.
      for (let round = 0; round < 2; round++) expect(await asked(batched)).toMatchObject(await asked(engine));
    } finally {
      await batched.close();
    }
  });

  it.each(ids)('%s passes the check before it is installed', async (id) => {
    await expect(checkModel(folder, `${id}.json`)).resolves.toMatchObject({ info: { id, device: 'CPU' } });
  });

  it('says that MedSAM2 takes no points', async () => {
    await expect(ask(engine, 'medsam2', { corrections: { inside: [[3, 4]], outside: [] } })).rejects.toMatchObject({
      code: 'engine-failed',
      detail: expect.stringMatching(/takes boxes only/) as string,
    });
  });

  it('gives up preparing an image that nobody looks at any more', async () => {
    const image = sliceImage(answers.litemedsam, 'left');
    const busy = ask(engine, 'litemedsam', { key: 'other' });
    const controller = new AbortController();
    const prepared = engine.prepare({ modelId: 'litemedsam', image, priority: 'visible', signal: controller.signal });
    controller.abort();
    await expect(prepared).rejects.toMatchObject({ code: 'cancelled' });
    await expect(busy).resolves.toBeDefined();
  });

  it('answers alike when there is no room to keep what it computed', async () => {
    const forgetful = await openSmallEngine(folder, { embeddingBytes: 1 });
    for (const key of ['one', 'two', 'one'])
      expect((await ask(forgetful, 'litemedsam', { key })).runs).toEqual(answers.litemedsam.prompts[0]?.runs);
    await forgetful.close();
  });

  it('runs in the variant that is wanted, and says where it cannot', async () => {
    const quick = await openSmallEngine(folder, { variant: 'int8' });
    expect(quick.models()).toMatchObject([
      { id: 'litemedsam', device: 'CPU' },
      { id: 'medsam-vit-b', device: 'CPU, int8' },
      { id: 'medsam2', device: 'CPU' },
    ]);
    expect(quick.models()[1]?.sha256).not.toBe(engine.models()[1]?.sha256);
    expect(quick.health()[0]?.problem).toMatch(/LiteMedSAM: int8: the card names no such files/);
    await expect(ask(quick, 'medsam-vit-b')).resolves.toBeDefined();
    await quick.close();
  });
});

describe('a published model that cannot be used', () => {
  const encoder = 'weights/litemedsam/encoder.fp32.onnx';
  type Card = Record<string, unknown> & {
    files: Record<string, Record<string, { path: string; bytes: number; sha256: string }>>;
    golden: Record<string, Record<string, Record<string, { values: number[] }>>>;
    embedding: object;
  };
  const cases: [string, (folder: string, card: Card) => Promise<void> | void, RegExp][] = [
    [
      'whose weights have one bit flipped',
      async (folder) => {
        const weights = await readFile(join(folder, encoder));
        weights.writeUInt8(weights.readUInt8(1000) ^ 1, 1000);
        await writeFile(join(folder, encoder), weights);
      },
      /encoder\.fp32\.onnx is corrupt: SHA-256/,
    ],
    [
      'whose weights were cut off',
      async (folder) => writeFile(join(folder, encoder), (await readFile(join(folder, encoder))).subarray(0, 5000)),
      /has 5000 bytes/,
    ],
    [
      'whose decoder is not there',
      (folder) => rm(join(folder, 'weights/litemedsam/decoder.fp32.onnx')),
      /cannot be read/,
    ],
    [
      'that is of an opset which does not exist yet',
      async (folder, card) => {
        const weights = await readFile(join(folder, encoder));
        // opset_import { version: 17 } (fields 8 and 2 of onnx.proto).
        const at = weights.lastIndexOf(Buffer.from([0x10, 17]));
        weights.writeUInt8(99, at + 1);
        await replaceEncoder(folder, card, weights);
      },
      /opset/i,
    ],
    [
      'whose encoder is the decoder',
      (_, card) => {
        card.files['encoder'] = card.files['decoder'] ?? {};
      },
      /The inputs of the encoder are "boxes, embedding.*", its card says "image"/,
    ],
    [
      'whose shapes are others than its card says',
      (_, card) => {
        card.embedding = { channels: 32, grid: 64 };
      },
      /is float32 \[n, 16, 64, 64\], its card says float32 \[n, 32, 64, 64\]/,
    ],
    [
      'whose weights are no numbers',
      async (folder, card) => replaceEncoder(folder, card, withNaN(await readFile(join(folder, encoder)))),
      /computes embedding that are no numbers/,
    ],
    [
      'that computes something else than when it was exported',
      (_, card) => {
        const golden = card.golden['fp32']?.['encoder']?.['embedding'];
        if (golden) golden.values = golden.values.map((value) => value + 10);
      },
      /Golden embedding differ by 10/,
    ],
    [
      'of which no variant is complete',
      (_, card) => {
        card.files['decoder'] = {};
      },
      /no variant has all graphs/,
    ],
  ];

  it.each(cases)('%s, is not installed, and the reason is given', async (_, spoil, reason) => {
    const folder = await makePublishedFolder('litemedsam');
    const cardFile = join(folder, 'cards', 'litemedsam.json');
    const card = JSON.parse(await readFile(cardFile, 'utf8')) as Card;
    await spoil(folder, card);
    await writeFile(cardFile, JSON.stringify(card));
    const outcome = await checkModel(folder, 'litemedsam.json');
    expect('problems' in outcome && outcome.problems.join(' ')).toMatch(reason);
    expect(JSON.stringify(outcome)).not.toContain(folder);
    await rm(folder, { recursive: true });
  });

  it('in the wanted variant falls back to another, and says why', async () => {
    const folder = await makePublishedFolder('medsam-vit-b');
    await rm(join(folder, 'weights/medsam-vit-b/decoder.int8.onnx'));
    const engine = await openSmallEngine(folder, { variant: 'int8' });
    expect(engine.models()).toMatchObject([{ id: 'medsam-vit-b', device: 'CPU' }]);
    expect(engine.health()[0]?.problem).toMatch(/int8: The weights .*decoder\.int8\.onnx cannot be read/);
    await expect(ask(engine, 'medsam-vit-b')).resolves.toBeDefined();
    await engine.close();
    await rm(folder, { recursive: true });
  });

  async function replaceEncoder(folder: string, card: Card, weights: Uint8Array) {
    await writeFile(join(folder, encoder), weights);
    const sha256 = createHash('sha256').update(weights).digest('hex');
    card.files['encoder'] = { fp32: { path: encoder, bytes: weights.byteLength, sha256 } };
  }

  /** Puts NaN over some weights: of a tensor, its numbers (field 9 of TensorProto) follow right after its name. */
  function withNaN(weights: Buffer): Buffer {
    const raw = weights.lastIndexOf(Buffer.from('neck.0.weightJ'));
    expect(raw).toBeGreaterThan(0);
    for (let at = raw + 20; at < raw + 400; at++) weights.writeUInt8(0xff, at);
    return weights;
  }
});
