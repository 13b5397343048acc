import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LESION } from '../support/lesion.ts';
import { Page } from '../support/page.ts';
import { startServer, type RunningServer } from '../support/runningServer.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

/** A localizer: the upper half of its images lies across the lower half. */
const series = new SyntheticSeries(40, 16);
const { seriesUid } = series;
const ACROSS = 9;
const frames = series.frames.map((frame, k) =>
  k < ACROSS ? frame : { ...frame, orientation: [0, 1, 0, 0, 0, -1] as const },
);
const segmentId = randomUUID();
const { plane, hash: sliceHash } = series.put(7);
const on = { seriesUid, plane, sliceHash, window: { kind: 'auto' } } as const;

let server: RunningServer;
let page: Page;
beforeAll(async () => {
  server = await startServer();
  page = await Page.open(server.url);
  await page.openSeries({ ...series.opening, frames });
  for (let k = 0; k < frames.length; k++) await page.get('slice:put', series.put(k));
  const operation = { kind: 'segment:add', segmentId, ...LESION } as const;
  await page.get('document:apply', { seriesUid, operationId: randomUUID(), operation });
});
afterAll(async () => {
  page.close();
  await server.close();
});

it('a propagation stays among the images that lie like the one it starts from', async () => {
  await page.get('prompt:segment', { ...on, promptId: randomUUID(), segmentId, box: [28, 22, 72, 54] });
  const ended = page.next('propagation:ended');
  await page.get('propagation:start', { ...on, propagationId: randomUUID(), segmentId, direction: 'both' });
  expect((await ended).forward).toBe('series-end');
  const masked = series.frames.map((_, k) => page.masks.has(`${segmentId}/${series.frame(k)}`));
  expect(masked.slice(6, ACROSS)).toEqual([true, true, true]);
  expect(masked.slice(ACROSS)).not.toContain(true);
});

it('planes across such images are refused, and why', async () => {
  const error = await page.refusal('slice:put', series.putColumn(50));
  expect(error.code).toBe('series-mixed');
  expect(error.detail).toMatch(/different directions/);
});
