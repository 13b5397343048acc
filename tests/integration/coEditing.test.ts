import { randomUUID } from 'node:crypto';
import { EMPTY_RUNS, union, type Request, type Runs } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LESION } from '../support/lesion.ts';
import { Page } from '../support/page.ts';
import { randomSource } from '../support/randomSource.ts';
import { startServer, type RunningServer } from '../support/runningServer.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

let server: RunningServer;
let series: SyntheticSeries;
let ada: Page;
let bob: Page;
let segmentId: string;
let count = 100;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  ada?.close();
  bob?.close();
  series = new SyntheticSeries(count++);
  [ada, bob] = await Promise.all([Page.open(server.url, 'Ada'), Page.open(server.url, 'Bob')]);
  await ada.openSeries(series.opening);
  await bob.openSeries(series.opening);
  segmentId = randomUUID();
  await ada.get('document:apply', step({ kind: 'segment:add', segmentId, ...LESION }));
});

type Step = Request<'document:apply'>;
const step = (operation: Step['operation']): Step => ({
  seriesUid: series.seriesUid,
  operationId: randomUUID(),
  operation,
});
const stroke = (k: number, add: Runs, remove: Runs = EMPTY_RUNS): Step =>
  step({ kind: 'mask:edit', edits: [{ segmentId, frame: series.frame(k), add: [...add], remove: [...remove] }] });
const back = () => ({ seriesUid: series.seriesUid, operationId: randomUUID() });
const at = (page: Page, k: number) => page.masks.get(`${segmentId}/${series.frame(k)}`) ?? EMPTY_RUNS;

/** What a page that opens the series now is told, against what a page has heard so far. */
async function expectSame(page: Page): Promise<void> {
  const { document } = await page.get('series:open', series.opening);
  const told = Object.fromEntries(document.cells.map((c) => [`${c.segmentId}/${c.frame}`, c.runs]));
  expect(Object.fromEntries(page.masks)).toEqual(told);
}

describe('two people on one series', () => {
  it('see who is there and where', async () => {
    const moved = ada.next('presence:changed', ({ participants }) => participants.some((p) => p.at?.box));
    await bob.get('presence:update', { seriesUid: series.seriesUid, plane: series.plane(7), box: [1, 2, 3, 4] });
    const { participants } = await moved;
    expect(participants.map(({ name }) => name).sort()).toEqual(['Ada', 'Bob']);
    expect(participants.find(({ name }) => name === 'Bob')?.at).toEqual({ plane: series.plane(7), box: [1, 2, 3, 4] });
    const left = ada.next('presence:changed', (p) => p.participants.length === 1);
    bob.close();
    await left;
  });

  it('painting the same slice at the same moment end with both strokes', async () => {
    await Promise.all([
      ada.get('document:apply', stroke(3, [100, 50])),
      bob.get('document:apply', stroke(3, [130, 60])),
    ]);
    await Promise.all([expectSame(ada), expectSame(bob)]);
    expect(at(ada, 3)).toEqual(union([100, 50], [130, 60]));
  });

  it('take back only their own', async () => {
    await ada.get('document:apply', stroke(3, [100, 50]));
    await bob.get('document:apply', stroke(3, [130, 60]));
    await ada.get('document:undo', back());
    expect(at(ada, 3)).toEqual([130, 60]);
    await ada.get('document:redo', back());
    await bob.get('document:undo', back());
    expect(at(bob, 3)).toEqual([100, 50]);
    expect((await bob.refusal('document:undo', back())).code).toBe('nothing-to-undo');
  });

  it('cannot change what one of them approved, until it is reopened', async () => {
    await ada.get('document:apply', stroke(3, [100, 50]));
    await bob.get('document:apply', step({ kind: 'segment:review', segmentId, status: 'approved', comment: 'good' }));
    expect(ada.last?.segments[0]?.review).toMatchObject({ status: 'approved', by: 'Bob', comment: 'good' });
    expect((await ada.refusal('document:apply', stroke(3, [400, 5]))).code).toBe('segment-approved');
    expect((await ada.refusal('document:undo', back())).code).toBe('segment-approved');
    await ada.get('document:apply', step({ kind: 'segment:review', segmentId, status: 'draft' }));
    await ada.get('document:undo', back());
    expect(at(ada, 3)).toEqual(EMPTY_RUNS);
  });

  it('a request repeated after a lost answer happens once', async () => {
    const once = stroke(3, [100, 50]);
    const first = await ada.get('document:apply', once);
    expect(await ada.get('document:apply', once)).toEqual(first);
    await ada.get('document:undo', back());
    expect(at(ada, 3)).toEqual(EMPTY_RUNS);
  });
});

/** A failing seed goes into this list for good. */
describe.each([1, 7, 42, 2024])('random work of two people over cut connections, seed %i', (seed) => {
  it('ends the same on both screens and in the document', async () => {
    const random = randomSource(seed);
    const work = async (page: Page) => {
      for (let n = 0; n < 40; n++) {
        const start = random(96 * 80 - 60);
        const dice = random(10);
        if (dice < 6) await page.ask('document:apply', stroke(random(4), [start, 1 + random(50)]));
        else if (dice < 7) await page.ask('document:apply', stroke(random(4), EMPTY_RUNS, [start, 50]));
        else if (dice < 8) await page.ask('document:undo', back());
        else if (dice < 9) await page.ask('document:redo', back());
        else {
          page.socket.io.engine.close();
          await new Promise<void>((resolve) => page.socket.once('connect', resolve));
          await page.openSeries(series.opening);
        }
      }
    };
    await Promise.all([work(ada), work(bob)]);
    await Promise.all([expectSame(ada), expectSame(bob)]);
    expect(Object.fromEntries(ada.masks)).toEqual(Object.fromEntries(bob.masks));
    expect(ada.masks.size).toBeGreaterThan(0);
  });
});
