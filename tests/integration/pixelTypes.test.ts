import { createHash, randomUUID } from 'node:crypto';
import { dice, type Request } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LESION } from '../support/lesion.ts';
import { Page } from '../support/page.ts';
import { startServer, type RunningServer } from '../support/runningServer.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

const series = new SyntheticSeries(60, 3);
const { seriesUid, columns, rows } = series;
const K = 1;
const segmentId = randomUUID();

let server: RunningServer;
let page: Page;
beforeAll(async () => {
  server = await startServer();
  page = await Page.open(server.url);
  await page.openSeries(series.opening);
  const operation = { kind: 'segment:add', segmentId, ...LESION } as const;
  await page.get('document:apply', { seriesUid, operationId: randomUUID(), operation });
});
afterAll(async () => {
  page.close();
  await server.close();
});

type Facts = Pick<Request<'slice:put'>, 'type' | 'slope' | 'intercept' | 'components' | 'invert'>;
const hu = (pixel: number) => (series.isInside(pixel % columns, Math.floor(pixel / columns), K) ? 140 : 20);
const values = (toStored: (value: number) => number) =>
  Array.from({ length: columns * rows }, (_, pixel) => toStored(hu(pixel)));

/** The same HU, stored in every way that a viewer may send them. */
it.each<[string, ArrayBufferView, Facts]>([
  ['int8', Int8Array.from(values((v) => v - 100)), { type: 'int8', slope: 1, intercept: 100, components: 1 }],
  ['uint8', Uint8Array.from(values((v) => v / 2)), { type: 'uint8', slope: 2, intercept: 0, components: 1 }],
  ['int16', Int16Array.from(values((v) => v)), { type: 'int16', slope: 1, intercept: 0, components: 1 }],
  ['uint16', Uint16Array.from(values((v) => v + 1024)), { type: 'uint16', slope: 1, intercept: -1024, components: 1 }],
  ['float32', Float32Array.from(values((v) => v / 10)), { type: 'float32', slope: 10, intercept: 0, components: 1 }],
  ['RGB', Uint8Array.from(values((v) => v).flatMap((v) => [v, v, v])), { type: 'uint8', components: 3 }],
])('pixels as %s give the same mask', async (_what, stored, facts) => {
  const pixels = new Uint8Array(stored.buffer as ArrayBuffer, stored.byteOffset, stored.byteLength);
  const hash = createHash('sha256').update(pixels).digest('hex');
  const plane = series.plane(K);
  await page.get('slice:put', { seriesUid, plane, hash, columns, rows, pixels, ...facts });
  const window = { kind: 'level', center: 80, width: 200 } as const;
  const view = await page.get('model:view', { seriesUid, plane, sliceHash: hash, window, size: 96 });
  const shown = (i: number, j: number) => new Uint8Array(view.pixels)[(j * view.columns + i) * view.components] ?? 0;
  expect(shown(50, 38) - shown(5, 5)).toBeGreaterThan(100);
  const promptId = randomUUID();
  await page.get('prompt:segment', {
    seriesUid,
    promptId,
    segmentId,
    plane,
    sliceHash: hash,
    box: [30, 24, 70, 52],
    window,
  });
  const found = page.masks.get(`${segmentId}/${series.frame(K)}`) ?? [];
  expect(dice(found, series.truth(K))).toBeGreaterThan(0.85);
  await page.get('document:undo', { seriesUid, operationId: randomUUID() });
});
