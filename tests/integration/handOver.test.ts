import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LESION } from '../support/lesion.ts';
import { openPushingPage } from '../support/pushingPage.ts';
import { startServer, type RunningServer } from '../support/runningServer.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

const ADA = { id: randomUUID(), name: 'Ada', color: [255, 128, 0] } as const;
const BOB = { id: randomUUID(), name: 'Bob', color: [0, 128, 255] } as const;

let server: RunningServer;
beforeAll(async () => (server = await startServer()));
afterAll(() => server.close());

it('[HO1] a step that waits for the connection is taken as whoever took it, and by nobody else who then works on the page', async () => {
  const series = new SyntheticSeries(70);
  const page = await openPushingPage(server.url, series);
  const add = () => {
    const operation = { kind: 'segment:add', segmentId: randomUUID(), ...LESION } as const;
    return page.server.request('document:apply', {
      seriesUid: series.seriesUid,
      operationId: randomUUID(),
      operation,
    });
  };
  const handTo = async (person: typeof ADA | typeof BOB) => {
    const reopened = page.reopened();
    page.server.connect(person);
    return (await reopened).document;
  };
  await handTo(ADA);

  page.server.disconnect();
  const adas = add();
  await handTo(ADA);
  await adas;

  page.server.disconnect();
  const refused = expect(add()).rejects.toMatchObject({
    code: 'handed-over',
    message: expect.stringContaining('somebody else works on this page') as unknown,
  });
  await handTo(BOB);
  await refused;
  await add();
  const { segments, history } = await handTo(ADA);
  expect(segments).toHaveLength(2);
  expect(history).toMatchObject({ [ADA.id]: { undo: 1 }, [BOB.id]: { undo: 1 } });
  page.close();
});
