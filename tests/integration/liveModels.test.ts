import { randomUUID } from 'node:crypto';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { modelsChangedSchema } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkCard } from '../../server/src/adapters/onnx/checkCard.ts';
import {
  addModel as writeModel,
  makeModelFolder,
  otherAnswer,
} from '../../server/src/adapters/onnx/fixtures/modelFolder.ts';
import { addModel, findCards, removeModel } from '../../server/src/provision/index.ts';
import { LESION } from '../support/lesion.ts';
import { Page } from '../support/page.ts';
import { startServer, type RunningServer } from '../support/runningServer.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

const series = new SyntheticSeries(20, 6);
const { seriesUid } = series;
const { plane, hash: sliceHash } = series.put(3);
const segmentId = randomUUID();

let embedded: string;
let exported: string;
let server: RunningServer;
let page: Page;
let colleague: Page;
beforeAll(async () => {
  embedded = await makeModelFolder();
  exported = await makeModelFolder('bright');
  await writeModel(embedded, 'own', await weightsOf('bright'));
  server = await startServer({
    models: { folder: embedded, default: 'own', variant: 'auto', engines: 1, providers: ['cpu'] },
  });
  [page, colleague] = [await Page.open(server.url), await Page.open(server.url, 'Grace')];
  await page.openSeries(series.opening);
  await page.get('slice:put', series.put(3));
  const operation = { kind: 'segment:add', segmentId, ...LESION } as const;
  await page.get('document:apply', { seriesUid, operationId: randomUUID(), operation });
});
afterAll(async () => {
  for (const each of [page, colleague]) each.close();
  await server.close();
  for (const folder of [embedded, exported]) await rm(folder, { recursive: true });
});

const folders = () => ({ embedded, installed: join(server.stateFolder, 'models') });
const checkModel = (modelsFolder: string, cardFile: string) => checkCard({ modelsFolder, cardFile, threads: 1 });
async function install(): Promise<void> {
  const askConsent = () => Promise.resolve();
  for (const card of await findCards(exported, []))
    await addModel(card, { folders: folders(), checkModel, askConsent });
}
/** The list that every page hears of; whatever else happens meanwhile. */
const heard = async (...models: object[]) => {
  const isIt = (event: { models: readonly object[] }) => event.models.length === models.length;
  const events = await Promise.all([page, colleague].map((each) => each.next('models:changed', isIt)));
  for (const event of events) {
    expect(modelsChangedSchema.parse(event)).toEqual(event);
    expect(event).toMatchObject({ models, defaultModelId: 'own' });
  }
};
const prompt = (model: object = {}) => ({
  seriesUid,
  segmentId,
  plane,
  sliceHash,
  window: { kind: 'auto' } as const,
  promptId: randomUUID(),
  box: [20, 20, 60, 60] as const,
  ...model,
});
const [own, bright] = [{ id: 'own' }, { id: 'bright', version: '1.0.0' }];

it('a model that is added is offered and answers, without a restart', async () => {
  const { models } = await page.openSeries(series.opening);
  expect(models).toMatchObject([own]);
  const pid = server.engine.health()[0]?.pid;
  await Promise.all([heard(own, bright), install()]);
  const answer = await page.get('prompt:segment', prompt({ modelId: 'bright' }));
  expect(answer).toMatchObject({ modelId: 'bright', pixels: expect.any(Number) as number });
  expect(answer.pixels).toBeGreaterThan(0);
  expect(server.engine.health()[0]).toMatchObject({ pid, restarts: 0 });
  expect(await page.openSeries(series.opening)).toMatchObject({ models: [own, bright], defaultModelId: 'own' });
});

it('a model that is replaced answers in its new version', async () => {
  const weights = await weightsOf('bright');
  await writeModel(exported, 'bright', weights, { version: '1.1.0', notice: 'Only at night.' });
  await Promise.all([heard(own, { id: 'bright', version: '1.1.0', notice: 'Only at night.' }), install()]);
  await expect(page.get('prompt:segment', prompt({ modelId: 'bright' }))).resolves.toMatchObject({ modelId: 'bright' });
  expect(page.last?.segments).toMatchObject([{ id: segmentId, algorithm: { version: '1.1.0' } }]);
});

it('a model that is removed is refused, and the default one goes on', async () => {
  await Promise.all([heard(own), removeModel('bright', folders())]);
  expect(await page.refusal('prompt:segment', prompt({ modelId: 'bright' }))).toMatchObject({ code: 'model-unknown' });
  await expect(page.get('prompt:segment', prompt())).resolves.toMatchObject({ modelId: 'own' });
});

it('a broken model that somebody drops there is told in health and takes no other away', async () => {
  const broken = await makeModelFolder();
  await writeModel(broken, 'broken', otherAnswer());
  await mkdir(folders().installed, { recursive: true });
  await cp(broken, folders().installed, { recursive: true });
  await rm(broken, { recursive: true });
  await Promise.all([heard(own, bright), writeModel(exported, 'bright', await weightsOf('bright')).then(install)]);
  const health = (await (await fetch(`${server.url}/health`)).json()) as unknown;
  expect(health).toMatchObject({
    models: [own, bright],
    engines: [{ problem: expect.stringContaining('Golden') as string }],
  });
  await writeFile(join(folders().installed, 'cards', 'torn.json'), '{');
  await expect(page.get('prompt:segment', prompt())).resolves.toMatchObject({ modelId: 'own' });
});

const weightsOf = (id: string) => readFile(join(exported, 'weights', `${id}.onnx`));
