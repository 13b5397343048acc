import { randomUUID } from 'node:crypto';
import type { PropagationEnded, Request } from '@ohif-medsam/protocol';
import { readSettings } from '@ohif-medsam/server/settings';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { LESION } from '../support/lesion.ts';
import { openPushingPage, type PushingPage } from '../support/pushingPage.ts';
import { ROOT, startServer, type RunningServer } from '../support/runningServer.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

const SLICES = 40;
const MIDDLE = SLICES / 2;
const BOX = [28, 22, 72, 54] as const;
const COMPLETE = { forward: 'object-ended', backward: 'object-ended' };

let server: RunningServer;
let count = 200;
let series: SyntheticSeries;
let other: SyntheticSeries;
let ada: PushingPage;
beforeAll(async () => {
  const { limits } = readSettings({}, ROOT);
  server = await startServer({ limits: { ...limits, slicePushTimeoutMs: 5000 } });
});
afterAll(() => server.close());
beforeEach(async () => {
  [series, other] = [new SyntheticSeries(count++, SLICES), new SyntheticSeries(count++, SLICES)];
  ada = await openPushingPage(server.url, series);
});

const endOn = ({ server: page }: PushingPage) =>
  new Promise<PropagationEnded>((resolve) => page.on('propagation:ended', resolve));

/** Ada has a box on the middle slice, of all slices the only one at the server, and carries it on. */
async function propagate(): Promise<void> {
  const { seriesUid } = series;
  const segmentId = randomUUID();
  const operation = { kind: 'segment:add', segmentId, ...LESION } as const;
  await ada.server.request('document:apply', { seriesUid, operationId: randomUUID(), operation });
  const plane = series.plane(MIDDLE);
  const of = (sliceHash?: string) => ({ seriesUid, segmentId, plane, sliceHash, window: { kind: 'auto' } }) as const;
  await ada.slices.using(plane, (hash) =>
    ada.server.request('prompt:segment', { ...of(hash), promptId: randomUUID(), box: [...BOX] }),
  );
  await ada.slices.using(plane, (hash) => {
    const start: Request<'propagation:start'> = { ...of(hash), propagationId: randomUUID(), direction: 'both' };
    return ada.server.request('propagation:start', start);
  });
}

it('[LS1] a propagation goes on when its page goes to another series, gets its slices from there, and tells it the end', async () => {
  const end = endOn(ada);
  await propagate();
  await ada.go(other);
  expect(await end).toMatchObject({ seriesUid: series.seriesUid, ...COMPLETE });
  ada.close();
});

it('[LS2] a colleague who has the series open sends the slices where its page no longer does', async () => {
  const bob = await openPushingPage(server.url, series, 'Bob');
  const [end, seen] = [endOn(ada), endOn(bob)];
  // As a page that was loaded anew, or is asleep.
  ada.slices.want = () => undefined;
  await propagate();
  await ada.go(other);
  expect(await seen).toMatchObject(COMPLETE);
  expect(await end).toEqual(await seen);
  ada.close();
  bob.close();
});

it('[LS3] over another connection it gets its slices from there too, and tells the end', async () => {
  const end = endOn(ada);
  await propagate();
  await ada.go(other);
  const opened = ada.reopened();
  ada.reconnect();
  await opened;
  expect(await end).toMatchObject({ seriesUid: series.seriesUid, ...COMPLETE });
  ada.close();
});
