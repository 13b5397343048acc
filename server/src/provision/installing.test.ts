import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '@ohif-medsam/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkCard } from '../adapters/onnx/checkCard.ts';
import {
  addModel as writeModel,
  makeModelFolder,
  otherAnswer,
  renamedInput,
} from '../adapters/onnx/fixtures/modelFolder.ts';
import { makePublishedFolder } from '../adapters/onnx/fixtures/publishedModels.ts';
import { addModel, type AddPorts } from './addModel.ts';
import type { CheckModel } from './checkFiles.ts';
import { findCards } from './findCards.ts';
import { listModels } from './listModels.ts';
import { readPublished } from './publishedModel.ts';
import { removeModel } from './removeModel.ts';
import type { Terms } from './terms.ts';
import { verifyModels } from './verifyModels.ts';

const models = fileURLToPath(new URL('../../../models/', import.meta.url));
const published = await readPublished(join(models, 'published'));

/** Without the process of its own that each of the commands gives it. */
const checkModel: CheckModel = (modelsFolder, cardFile) => checkCard({ modelsFolder, cardFile, threads: 1 });

let folders: { readonly embedded: string; readonly installed: string };
/** As an export writes it. */
let exported: string;
let weights: Buffer;
let asked: Terms[];
let ports: AddPorts;
const made: string[] = [];
beforeEach(async () => {
  const embedded = await makeModelFolder();
  exported = await makeModelFolder('bright');
  weights = await readFile(join(exported, 'weights', 'bright.onnx'));
  await writeModel(embedded, 'own', weights);
  const state = await mkdtemp(join(tmpdir(), 'medsam-state-'));
  made.push(embedded, exported, state);
  folders = { embedded, installed: join(state, 'models') };
  asked = [];
  ports = {
    folders,
    checkModel,
    askConsent: (terms) => {
      asked.push(terms);
      return Promise.resolve();
    },
  };
});
afterEach(() => Promise.all(made.splice(0).map((folder) => rm(folder, { recursive: true }))));

const add = async (source: string, changes: Partial<AddPorts> = {}) => {
  const added = [];
  for (const card of await findCards(source, published)) added.push(await addModel(card, { ...ports, ...changes }));
  return added;
};
const installed = async (part: 'cards' | 'weights/bright') => readdir(join(folders.installed, part)).catch(() => []);
const verified = async () => {
  const all: [string, readonly string[]][] = [];
  for await (const { name, problems } of verifyModels(folders, checkModel)) all.push([name, problems]);
  return all;
};

describe('a model that is added', () => {
  it.each([
    ['by its folder', (folder: string) => folder],
    ['by its card', (folder: string) => join(folder, 'cards', 'bright.json')],
  ])('%s is installed whole, and works there', async (_, sourceOf) => {
    await add(sourceOf(exported));
    expect(asked).toMatchObject([{ title: 'Test model bright 1.0.0', licence: 'Apache-2.0' }]);
    expect(await installed('cards')).toEqual(['bright.json']);
    expect(await checkModel(folders.installed, 'bright.json')).toMatchObject({ info: { id: 'bright' } });
    expect(await verified()).toEqual([
      ['own', []],
      ['bright', []],
    ]);
    expect(await listModels(folders, [])).toMatchObject([
      { id: 'own', where: 'embedded' },
      { id: 'bright', version: '1.0.0', variants: ['fp32'], where: 'installed' },
    ]);
  });

  it('replaces an older version, and nothing of that stays', async () => {
    await add(exported);
    const [old] = await installed('weights/bright');
    const other = Buffer.concat([weights, Buffer.from([0x3a, 0])]); // An empty field more: other bytes, the same graph.
    await writeModel(exported, 'bright', other, { version: '2.0.0' });
    await add(exported);
    expect(await installed('cards')).toEqual(['bright.json']);
    const now = await installed('weights/bright');
    expect(now).toHaveLength(1);
    expect(now).not.toContain(old);
    expect(await listModels(folders, [])).toMatchObject([{}, { id: 'bright', version: '2.0.0' }]);
  });

  it('is removed with its weights; what is not installed is not', async () => {
    await add(exported);
    await removeModel('bright', folders);
    expect(await installed('cards')).toEqual([]);
    expect(await readdir(join(folders.installed, 'weights'))).toEqual([]);
    await expect(removeModel('bright', folders)).rejects.toThrow(/No model bright is installed/);
    await expect(removeModel('own', folders)).rejects.toThrow(/project's own/);
    expect(await verified()).toEqual([['own', []]]);
  });

  it('may be of several graphs and variants, as MedSAM, LiteMedSAM and MedSAM2 are', async () => {
    const source = await makePublishedFolder('medsam-vit-b', 'litemedsam', 'medsam2');
    made.push(source);
    await add(source);
    const listed = (await listModels(folders, published)).map(({ id, where }) => [id, where]);
    for (const id of ['litemedsam', 'medsam-vit-b', 'medsam2']) expect(listed).toContainEqual([id, 'installed']);
    expect((await verified()).every(([, problems]) => problems.length === 0)).toBe(true);
  });

  it('is not, where its terms are not accepted', async () => {
    const refuse = () => Promise.reject(new AppError('terms-not-accepted'));
    await expect(add(exported, { askConsent: refuse })).rejects.toMatchObject({ code: 'terms-not-accepted' });
    expect(await installed('cards')).toEqual([]);
  });

  it('is not, where it would take the place of one of the project', async () => {
    await writeModel(exported, 'own', weights);
    await expect(add(join(exported, 'cards', 'own.json'))).rejects.toThrow(/project's own/);
  });
});

describe('a model that cannot be used is refused with what is wrong, and what was installed stays:', () => {
  const cases: [string, (folder: string) => Promise<void>, RegExp][] = [
    ['missing weights', (folder) => rm(join(folder, 'weights', 'bright.onnx')), /bright\.onnx cannot be read/],
    ['cut weights', (folder) => writeFile(join(folder, 'weights', 'bright.onnx'), 'cut'), /has 3 bytes, its card says/],
    [
      'flipped weights',
      (folder) =>
        writeFile(
          join(folder, 'weights', 'bright.onnx'),
          weights.map((byte, n) => (n === 99 ? byte ^ 1 : byte)),
        ),
      /corrupt: SHA-256/,
    ],
    ['another opset', (folder) => writeModel(folder, 'bright', weights, { opset: 18 }), /opset 17, its card says 18/],
    ['no graph', (folder) => writeModel(folder, 'bright', Buffer.from('no graph')), /protobuf/i],
    ['another contract', (folder) => writeModel(folder, 'bright', renamedInput()), /its card says "crop"/],
    ['another answer', (folder) => writeModel(folder, 'bright', otherAnswer()), /Golden/],
    ['an unknown family', (folder) => writeModel(folder, 'bright', weights, { family: 'oracle' }), /family/],
    [
      'a path out of the folder',
      (folder) => writeModel(folder, 'bright', weights, { files: { fp32: { path: '../../x' } } }),
      /files/,
    ],
    ['a torn card', (folder) => writeFile(join(folder, 'cards', 'bright.json'), '{"id": '), /bright\.json is no card/],
  ];
  it.each(cases)('%s', async (_, spoil, detail) => {
    await add(exported);
    await spoil(exported);
    await expect(add(exported)).rejects.toMatchObject({
      code: 'model-refused',
      detail: expect.stringMatching(detail) as string,
    });
    expect(await verified()).toContainEqual(['bright', []]);
  });
});

it('what was cut off while it was copied is never seen, and the next try completes it', async () => {
  await mkdir(join(folders.installed, 'weights', 'bright'), { recursive: true });
  await mkdir(join(folders.installed, 'cards'));
  await writeFile(join(folders.installed, 'weights', 'bright', 'old.onnx.part'), 'half');
  await writeFile(join(folders.installed, 'cards', 'bright.json.part'), '{"id": ');
  expect(await verified()).toEqual([['own', []]]);
  await add(exported);
  expect(await installed('cards')).toEqual(['bright.json']);
  expect(await installed('weights/bright')).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.onnx$/)]);
});

it('verifying finds what changed on the disk', async () => {
  await add(exported);
  const [file = ''] = await installed('weights/bright');
  await writeFile(join(folders.installed, 'weights', 'bright', file), 'rotten');
  expect(await verified()).toEqual([
    ['own', []],
    ['bright', [expect.stringMatching(/has 6 bytes/)]],
  ]);
});

describe('what is no model is answered with what to do', () => {
  it.each([
    [
      'medsam_vit_b.pth',
      /export --model medsam-vit-b --weights \S*medsam_vit_b\.pth --out \S+.* && npm run models -- add/,
    ],
    ['model.safetensors', /export --model litemedsam[^]*export --model medsam-vit-b[^]*export --model medsam2/],
    ['model.zip', /unpack it/],
    ['bright.onnx', /give cards\/<model>\.json/],
    ['bright.json', /give cards\/<model>\.json/],
  ])('%s', async (name, answer) => {
    await writeFile(join(exported, name), 'x');
    await expect(add(join(exported, name))).rejects.toThrow(answer);
  });

  it('a folder without cards, and nothing at all', async () => {
    await expect(add(join(exported, 'weights'))).rejects.toThrow(/has no cards/);
    await expect(add(join(exported, 'nowhere'))).rejects.toThrow(/There is no/);
  });
});

describe('published models', () => {
  it('agree with what is written onto the cards of their exports', async () => {
    const catalogue = await readFile(join(models, 'python', 'medsam_models', 'catalogue.py'), 'utf8');
    expect(published.map(({ id }) => id)).toEqual(['litemedsam', 'medsam-vit-b', 'medsam2']);
    for (const { id, title, page, file, sha256, md5, licence, family } of published)
      for (const fact of [id, title, page, file, sha256, md5, licence, family].filter((fact) => fact !== undefined))
        expect(catalogue).toContain(fact);
  });

  it('are listed until they are installed', async () => {
    const fetchable = (await listModels(folders, published)).filter(({ where }) => where === 'can be fetched');
    expect(fetchable.map(({ id }) => id)).toEqual(['litemedsam', 'medsam-vit-b', 'medsam2']);
  });

  it('are refused where a fact is missing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'medsam-published-'));
    made.push(folder);
    await writeFile(
      join(folder, 'odd.json'),
      JSON.stringify({ ...published[0], id: 'odd', address: 'http://odd.example' }),
    );
    await expect(readPublished(folder)).rejects.toThrow(/odd\.json[^]*address/);
  });
});
