import { randomUUID } from 'node:crypto';
import type { Request } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSettings } from '@ohif-medsam/server/settings';
import { LESION } from '../support/lesion.ts';
import { Page } from '../support/page.ts';
import { ROOT, startServer, type RunningServer } from '../support/runningServer.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

const series = new SyntheticSeries(50);
const { seriesUid } = series;

let server: RunningServer;
let page: Page;
beforeAll(async () => {
  const { limits } = readSettings({}, ROOT);
  server = await startServer({ limits: { ...limits, bytesPerSecond: 1024 * 1024, connections: 2 } });
  page = await Page.open(server.url);
  await page.openSeries(series.opening);
});
afterAll(async () => {
  page.close();
  await server.close();
});

it('bytes that come too fast are refused, and taken a moment later', async () => {
  const pixels = new Uint8Array(600 * 1024);
  const put = { ...series.put(0), pixels };
  const codes = await Promise.all([1, 2, 3].map(async () => (await page.refusal('slice:put', put)).code));
  expect(codes).toContain('rate-limited');
  await expect.poll(async () => (await page.ask('slice:put', series.put(1))).ok, { timeout: 10_000 }).toBe(true);
});

it('more pages than may be there at once are refused, and let in when one leaves', async () => {
  const second = await Page.open(server.url, 'Bob');
  const third = () => Page.open(server.url, 'Eve');
  await expect(third()).rejects.toMatchObject({ data: { code: 'engine-busy', detail: /connected/ as unknown } });
  second.close();
  await expect
    .poll(() =>
      third().then(
        (eve) => eve.close(),
        () => 'refused',
      ),
    )
    .toBeUndefined();
});

it('a message that announces several attachments ends that connection before they are kept', async () => {
  const other = await Page.open(server.url, 'Eve');
  const gone = new Promise((resolve) => other.socket.once('disconnect', resolve));
  const [a, b] = [new Uint8Array(1), new Uint8Array(1)];
  other.socket.emit('slice:put', { a, b });
  await gone;
  other.close();
});

it('one person runs four propagations at once', async () => {
  // Its neighbours never come, so that what started goes on.
  const slice = series.put(10);
  await expect.poll(async () => (await page.ask('slice:put', slice)).ok, { timeout: 10_000 }).toBe(true);
  const starts = Array.from({ length: 5 }, () => {
    const name = { seriesUid, propagationId: randomUUID(), segmentId: randomUUID() };
    const at = { plane: slice.plane, sliceHash: slice.hash, window: { kind: 'auto' } } as const;
    return { ...name, ...at, direction: 'both' } as const;
  });
  const apply = (operation: Request<'document:apply'>['operation']) =>
    page.get('document:apply', { seriesUid, operationId: randomUUID(), operation });
  const refused: string[] = [];
  for (const start of starts) {
    const { segmentId } = start;
    const stroke = { segmentId, frame: series.frame(10), add: series.truth(10), remove: [] };
    await apply({ kind: 'segment:add', segmentId, ...LESION });
    await apply({ kind: 'mask:edit', edits: [stroke] });
    const answer = await page.ask('propagation:start', start);
    if (!answer.ok) refused.push(answer.error.code);
  }
  expect(refused).toEqual(['engine-busy']);
  for (const { propagationId } of starts) await page.ask('propagation:cancel', { seriesUid, propagationId });
});
