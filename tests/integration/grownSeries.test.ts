import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Page } from '../support/page.ts';
import { withSegment } from '../support/promptedPage.ts';
import { startServer, type RunningServer } from '../support/runningServer.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

/** One series: of its stacks, one page has the first one open, another page all. */
const [phase, whole] = [new SyntheticSeries(41, 10), new SyntheticSeries(41, 20)];
const { seriesUid } = whole;

let server: RunningServer;
let page: Page;
beforeAll(async () => {
  server = await startServer();
  page = await Page.open(server.url);
});
afterAll(async () => {
  page.close();
  await server.close();
});

it('what was pushed of a plane across the frames is not taken for the larger one that the plane has become', async () => {
  await page.openSeries(phase.opening);
  const { segmentId } = await withSegment(page, phase);
  const slice = phase.putColumn(50);
  const { plane, hash: sliceHash } = slice;
  await page.get('slice:put', slice);
  const on = { seriesUid, segmentId, plane, sliceHash, window: { kind: 'auto' } } as const;
  const prompt = { ...on, promptId: randomUUID(), box: [24, 2, 52, 8] as const };
  const { runs } = await page.get('prompt:preview', prompt);
  expect(runs.length).toBeGreaterThan(0);

  const other = await Page.open(server.url, 'Bob');
  await other.openSeries(whole.opening);
  // Also the mask that was shown already.
  for (const [name, request] of [
    ['prompt:segment', prompt],
    ['prompt:preview', prompt],
    ['model:view', { seriesUid, plane, sliceHash, window: on.window, size: 64 }],
    ['propagation:start', { ...on, propagationId: randomUUID(), direction: 'both' }],
  ] as const)
    expect(await page.refusal(name, request), name).toMatchObject({ code: 'slice-missing' });
  expect((await page.get('slice:have', { seriesUid, slices: [{ plane, hash: sliceHash }] })).missing).toEqual([0]);
  expect((await page.openSeries(phase.opening)).document.cells).toEqual([]);

  // Of whoever has the whole series.
  const larger = whole.putColumn(50);
  await other.get('slice:put', larger);
  const answer = await other.get('prompt:segment', { ...prompt, sliceHash: larger.hash, box: [24, 4, 52, 16] });
  expect(answer.pixels).toBeGreaterThan(0);
  other.close();
});
