import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { askedNameIdentity } from '../../server/src/adapters/identity/askedName.ts';
import { openDocumentStore } from '../../server/src/adapters/postgres/postgresDocumentStore.ts';
import type { DocumentStore } from '../../server/src/ports/documentStore.ts';
import { Presence } from '../../server/src/presence/presence.ts';
import { keepDocuments, type Documents } from '../../server/src/segmentation/index.ts';
import { SeriesRegistry } from '../../server/src/series/seriesRegistry.ts';
import { openGateway, type Gateway } from '../../server/src/transport/gateway.ts';
import { documentHandlers } from '../../server/src/transport/handlers/documentHandlers.ts';
import { leaveAllSeries, seriesHandlers } from '../../server/src/transport/handlers/seriesHandlers.ts';
import { ownPages } from '../../server/src/transport/ownPages.ts';
import { LESION } from '../support/lesion.ts';
import { Page } from '../support/page.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

let count = 30;
let series: SyntheticSeries;
let seriesUid: string;
let folder: string;
let store: DocumentStore;
let http: Server;
let gateway: Gateway;
let documents: Documents;
let registry: SeriesRegistry;
let url: string;
/** Reading a document takes until this is called. */
let read: () => void;
/** Resolves once a document is being read. */
let reading: Promise<void>;
/** Resolves once a page is gone. */
let gone: Promise<void>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medsam-enter-'));
  store = await openDocumentStore({ folder });
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  series = new SyntheticSeries(count++);
  ({ seriesUid } = series);
  const isRead = new Promise<void>((resolve) => (read = resolve));
  let begin: () => void;
  reading = new Promise((resolve) => (begin = resolve));
  const slow: DocumentStore = {
    load: async (uid) => {
      begin();
      await isRead;
      return store.load(uid);
    },
    append: (...entries) => store.append(...entries),
    checkpoint: (...state) => store.checkpoint(...state),
    close: () => store.close(),
  };
  // A document that nobody has open is forgotten at once, so one that is still here has a user.
  documents = keepDocuments({ store: slow, clock: { now: () => new Date() }, uuid: randomUUID, idleDocuments: 0 });
  registry = new SeriesRegistry();
  http = createServer();
  const log = pino({ level: 'silent' });
  const limits = { messagesPerSecond: 500, bytesPerSecond: 1e8, connections: 10 };
  gateway = openGateway(http, {
    identity: askedNameIdentity,
    log,
    ...limits,
    pages: ownPages({ host: '127.0.0.1', allowedOrigins: [] }),
  });
  const ports = {
    series: registry,
    documents,
    presence: new Presence(),
    propagations: { in: () => [], interruptedIn: () => [] },
    engine: { models: () => [], defaultModelId: '' },
    visible: { look: () => undefined, leave: () => undefined },
    pulled: { pulls: () => false },
    broadcast: gateway.broadcast,
  } as unknown as Parameters<typeof seriesHandlers>[0];
  const leave = leaveAllSeries(ports);
  let left: () => void;
  gone = new Promise((resolve) => (left = resolve));
  // Only what enters and leaves is served here.
  const handlers = { ...seriesHandlers(ports), ...documentHandlers({ documents }) } as Parameters<Gateway['serve']>[0];
  gateway.serve(handlers, (id) => {
    leave(id);
    left();
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${String((http.address() as AddressInfo).port)}`;
});
afterEach(() => gateway.close());

const isKept = () =>
  documents.snapshot(seriesUid).then(
    () => true,
    () => false,
  );

describe('a page', () => {
  it('that is gone while its series is being opened was never there', async () => {
    const page = await Page.open(url, 'Ghost');
    page.socket.emit('series:open', series.opening);
    await reading;
    page.close();
    await gone;
    read();
    const other = await Page.open(url, 'Ada');
    const { participants } = await other.openSeries(series.opening);
    expect(participants.map(({ name }) => name)).toEqual(['Ada']);
    await other.get('series:close', { seriesUid });
    expect(await isKept()).toBe(false);
    expect(() => registry.get(seriesUid)).toThrow(expect.objectContaining({ code: 'series-unknown' }));
    other.close();
  });

  it('that closes its series while it is being opened is out in the end', async () => {
    const page = await Page.open(url);
    const opened = page.ask('series:open', series.opening);
    const closed = page.ask('series:close', { seriesUid });
    await reading;
    read();
    expect([(await opened).ok, (await closed).ok]).toEqual([true, true]);
    expect(await isKept()).toBe(false);
    page.close();
  });

  it('that opens its series twice at once counts once', async () => {
    read();
    const page = await Page.open(url);
    await Promise.all([page.openSeries(series.opening), page.openSeries(series.opening)]);
    expect(await isKept()).toBe(true);
    await page.get('series:close', { seriesUid });
    expect(await isKept()).toBe(false);
    page.close();
  });

  it('that repeats a change right behind the opening of its series is served', async () => {
    const page = await Page.open(url);
    const opened = page.openSeries(series.opening);
    const operation = { kind: 'segment:add', segmentId: randomUUID(), ...LESION } as const;
    const changed = page.get('document:apply', { seriesUid, operationId: randomUUID(), operation });
    await reading;
    read();
    await opened;
    expect(await changed).toEqual({ revision: 1 });
    page.close();
  });
});
