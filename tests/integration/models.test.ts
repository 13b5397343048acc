import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Request } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addModel, makeModelFolder, renamedInput } from '../../server/src/adapters/onnx/fixtures/modelFolder.ts';
import { LESION } from '../support/lesion.ts';
import { Page } from '../support/page.ts';
import { startServer, type RunningServer } from '../support/runningServer.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

const series = new SyntheticSeries(20, 6);
const { seriesUid } = series;
const { plane, hash: sliceHash } = series.put(3);
const segmentId = randomUUID();
const on = { seriesUid, segmentId, plane, sliceHash, window: { kind: 'auto' } } as const;

let folder: string;
let server: RunningServer;
let page: Page;
beforeAll(async () => {
  folder = await makeModelFolder('bright', 'slow');
  await rm(join(folder, 'weights', 'bright.onnx'));
  await writeFile(join(folder, 'weights', 'slow.onnx'), 'not a model');
  await addModel(folder, 'renamed', renamedInput());
  server = await startServer({
    models: { folder, default: 'bright', variant: 'auto', engines: 1, providers: ['cpu'] },
  });
  page = await Page.open(server.url);
  await page.openSeries(series.opening);
  await page.get('slice:put', series.put(3));
  const apply = (operation: Request<'document:apply'>['operation']) =>
    page.get('document:apply', { seriesUid, operationId: randomUUID(), operation });
  await apply({ kind: 'segment:add', segmentId, ...LESION });
  await apply({ kind: 'mask:edit', edits: [{ segmentId, frame: series.frame(3), add: series.truth(3), remove: [] }] });
});
afterAll(async () => {
  page.close();
  await server.close();
  await rm(folder, { recursive: true });
});

describe.each([
  ['missing, of the default model', {}, /bright/],
  ['missing', { modelId: 'bright' }, /bright/],
  ['corrupt', { modelId: 'slow' }, /slow/],
  ['of another contract than their card says', { modelId: 'renamed' }, /picture/],
])('with weights that are %s', (_what, model, problem) => {
  it('a box is refused with what is wrong', async () => {
    const prompt = { ...on, ...model, promptId: randomUUID(), box: [20, 20, 60, 60] };
    const { code, detail } = await page.refusal('prompt:segment', prompt);
    expect(code).toBe('model-invalid');
    expect(detail).toMatch(problem);
  });

  it('so is a propagation of what was painted; the server lives and has all of it', async () => {
    const start = { ...on, ...model, propagationId: randomUUID(), direction: 'both' };
    const { code, detail } = await page.refusal('propagation:start', start);
    expect(code).toBe('model-invalid');
    expect(detail).toMatch(problem);
    const { document, propagations } = await page.openSeries(series.opening);
    expect(document.cells).toEqual([{ segmentId, frame: series.frame(3), runs: series.truth(3) }]);
    expect(propagations).toEqual([]);
  });
});

it('health says that there is no model', async () => {
  const health = (await (await fetch(`${server.url}/health`)).json()) as unknown;
  expect(health).toMatchObject({ status: 'degraded', models: [] });
});
