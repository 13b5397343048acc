import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { Page } from '../support/page.ts';
import { openPrompted, withSegment, type PromptedPage } from '../support/promptedPage.ts';
import { startServer, type RunningServer } from '../support/runningServer.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

vi.setConfig({ testTimeout: 60_000 });

let server: RunningServer;
let series: SyntheticSeries;
let ada: PromptedPage;
let bob: Page;
let count = 95;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  series = new SyntheticSeries(count++, 40);
  ada = await openPrompted(server.url, series);
  bob = await Page.open(server.url, 'Bob');
  await bob.openSeries(series.opening);
});

const ended = (page: Page, propagationId: string) =>
  page.next('propagation:ended', (end) => end.propagationId === propagationId);

/** Both screens show what somebody who opens the series now is given. */
async function expectSame(): Promise<void> {
  const { document } = await bob.get('series:open', series.opening);
  const cells = Object.fromEntries(document.cells.map((cell) => [`${cell.segmentId}/${cell.frame}`, cell.runs]));
  await expect.poll(() => Object.fromEntries(ada.page.masks)).toEqual(cells);
  expect(Object.fromEntries(bob.masks)).toEqual(cells);
}

it('of one segment at the same moment: one runs, the other is told so and can follow', async () => {
  const starts = [ada.propagation(), ada.propagation(19)] as const;
  await bob.get('prompt:segment', ada.prompt(19));
  const firstEnd = bob.next('propagation:ended');
  const answers = await Promise.all([
    ada.page.ask('propagation:start', starts[0]),
    bob.ask('propagation:start', starts[1]),
  ]);
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  expect(answers.flatMap((answer) => (answer.ok ? [] : [answer.error.code]))).toEqual(['propagation-running']);
  const first = await firstEnd;
  expect(first).not.toHaveProperty('error');
  expect(first.planes).toBeGreaterThan(15);
  await expectSame();

  const [person, start] = answers[0].ok ? [bob, starts[1]] : [ada.page, starts[0]];
  const end = ended(bob, start.propagationId);
  await person.get('propagation:start', start);
  expect(await end).not.toHaveProperty('error');
  await expectSame();
  expect(Object.keys(ada.masks()).length).toBeGreaterThan(15);
});

it('of a segment each: neither gets a mask of the other, and each takes back its own', async () => {
  const alone = ada.propagation();
  const aloneEnd = ended(bob, alone.propagationId);
  await ada.page.get('propagation:start', alone);
  await aloneEnd;
  const expected = ada.masks();

  const [mine, his] = [await withSegment(ada.page, series), await withSegment(bob, series)];
  await mine.page.get('prompt:segment', mine.prompt());
  await his.page.get('prompt:segment', his.prompt(19));
  const starts = [mine.propagation(), his.propagation(19)] as const;
  const ends = starts.map((start) => ended(bob, start.propagationId));
  await Promise.all([mine.page.get('propagation:start', starts[0]), his.page.get('propagation:start', starts[1])]);
  for (const end of await Promise.all(ends)) expect(end).not.toHaveProperty('error');
  await expectSame();
  expect(mine.masks()).toEqual(expected);
  const both = Object.keys(his.masks()).length;
  expect(both).toBeGreaterThan(15);

  await bob.get('document:undo', { seriesUid: series.seriesUid, operationId: randomUUID() });
  await expectSame();
  expect(Object.keys(his.masks())).toEqual([series.frame(19)]);
  expect(mine.masks()).toEqual(expected);
});
