import { createHash } from 'node:crypto';
import { planeKeyOf, type Plane, type Request } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createServerConnection } from '../../extension/src/adapters/serverConnection.ts';
import { createSlicePusher } from '../../extension/src/adapters/slicePusher.ts';
import type { Server } from '../../extension/src/session/ports.ts';
import { startServer, type RunningServer } from '../support/runningServer.ts';
import { openShapedLink, type LinkShape, type ShapedLink } from '../support/shapedLink.ts';

const SIZE = 512;
const SLICES = 120;
const MEGABYTE = 1_000_000;
const studyUid = '1.2.826.0.1.3680043.10.7';
const seriesUid = `${studyUid}.1`;
const frames = Array.from({ length: SLICES }, (_, n) => ({
  sopInstanceUid: `${seriesUid}.${String(n + 1)}`,
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  frameNumber: 1,
  rows: SIZE,
  columns: SIZE,
}));
const planeOf = (n: number): Plane => ({ axis: 'k', frame: `${seriesUid}.${String(n + 1)}/1` });

/** Half a megabyte that deflates to some half of that, as a CT does. */
const pixelsOf = (plane: Plane) => {
  const seed = planeKeyOf(plane).length + Number(/(\d+)\/1$/.exec(planeKeyOf(plane))?.[1]);
  const values = Int16Array.from({ length: SIZE * SIZE }, (_, n) => ((n * 7919 + seed * 104_729) >> 7) % 300);
  return new Uint8Array(values.buffer);
};

let server: RunningServer;
const shape: LinkShape = { delayMs: 0, bytesPerSecond: MEGABYTE };
let link: ShapedLink;
let connection: Server;
const sent: Request<'slice:put'>[] = [];

beforeAll(async () => {
  server = await startServer();
  link = await openShapedLink(server.url, shape);
  connection = createServerConnection(link.url, () => undefined);
  const connected = new Promise<void>((resolve) => connection.onConnected(resolve));
  connection.connect({ id: '7e57d004-2b97-4e7a-b45f-5387367791cd', name: 'Ada', color: [1, 2, 3] });
  await connected;
  await connection.request('series:open', { studyUid, seriesUid, modality: 'CT', frames });
});
afterAll(async () => {
  connection.disconnect();
  await link.close();
  await server.close();
});

it(
  'over a slow link pixels go compressed, over a fast one raw again, and the same bits arrive',
  { timeout: 60_000 },
  async () => {
    const watched: Server = {
      ...connection,
      request: (name, message) => {
        if (name === 'slice:put') sent.push(message as Request<'slice:put'>);
        return connection.request(name, message);
      },
    };
    const pusher = createSlicePusher({
      server: watched,
      onRefused: () => undefined,
      onKnown: () => undefined,
      prefetchShare: 1,
    });
    pusher.open(seriesUid, frames, 'push', (plane) =>
      Promise.resolve({ columns: SIZE, rows: SIZE, components: 1, type: 'int16', pixels: pixelsOf(plane) }),
    );
    let next = 0;
    const push = () => pusher.using(planeOf(next++), (hash) => Promise.resolve(hash));
    for (let n = 0; n < 3; n++) await push();
    expect(sent.map(({ encoding }) => encoding)).toEqual(['raw', 'deflate-raw', 'deflate-raw']);
    expect(sent[1]?.pixels.byteLength).toBeLessThan(SIZE * SIZE * 2 * 0.7);

    shape.bytesPerSecond = Infinity;
    const lastTwo = () => sent.slice(-2).map(({ encoding }) => encoding);
    do await push();
    while (lastTwo().includes('deflate-raw') && next < SLICES);
    expect(lastTwo()).toEqual(['raw', 'raw']);

    const slices = Array.from({ length: next }, (_, n) => {
      const plane = planeOf(n);
      return { plane, hash: createHash('sha256').update(pixelsOf(plane)).digest('hex') };
    });
    expect(await connection.request('slice:have', { seriesUid, slices })).toEqual({ missing: [] });
  },
);
