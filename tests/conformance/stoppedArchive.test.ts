import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dicomWebArchive } from '../../server/src/adapters/dicomweb/dicomWebArchive.ts';
import { ctSeries } from '../fixtures/sourceSeries.ts';
import { announce } from '../support/announce.ts';
import { LESION } from '../support/lesion.ts';
import { Page } from '../support/page.ts';
import { startServer, type RunningServer } from '../support/runningServer.ts';
import { orthanc, startOrthanc, type RunningOrthanc } from './orthanc.ts';
import { describeWith } from './tools.ts';

const source = ctSeries({ rows: 23, columns: 38 });

/** A wire to an archive. `onStore`: called with the beginning of a STOW request, which then goes no further. */
async function wireTo(port: number, wire: { onStore?: () => void }): Promise<Server> {
  const server = createServer((near: Socket) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) socket.on('error', () => socket.destroy());
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    far.pipe(near);
    near.on('data', (bytes: Buffer) => {
      const stores = wire.onStore && bytes.subarray(0, 5).toString('latin1') === 'POST ';
      far.write(stores ? bytes.subarray(0, bytes.length / 2) : bytes);
      if (stores) wire.onStore?.();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describeWith([orthanc], 'an archive that is stopped in the middle of a save', () => {
  const wire: { onStore?: () => void } = {};
  let archive: RunningOrthanc;
  let between: Server;
  let server: RunningServer;
  beforeAll(async () => {
    archive = await startOrthanc();
    const { url, username, password } = archive.connection;
    for (const outcome of await dicomWebArchive(archive.connection).store('2.25.1.7', source.files))
      expect(outcome.stored).toBe(true);
    between = await wireTo(Number(new URL(url).port), wire);
    const { port } = between.address() as AddressInfo;
    server = await startServer({
      archive: {
        kind: 'dicomweb',
        url: `http://127.0.0.1:${String(port)}/dicom-web`,
        timeoutMs: 5000,
        ...(username && { username }),
        ...(password && { password }),
      },
    });
  });
  afterAll(async () => {
    await server?.close();
    between?.close();
    await archive?.close();
  });

  it('is told to the user; the document stays; once it is back, the same save stores one object', async () => {
    const page = await Page.open(server.url, 'Ada');
    const opening = announce(source);
    const { seriesUid } = opening;
    const { frames } = await page.openSeries(opening);
    const segmentId = randomUUID();
    const apply = (operation: Parameters<typeof page.get<'document:apply'>>[1]['operation']) =>
      page.get('document:apply', { seriesUid, operationId: randomUUID(), operation });
    await apply({ kind: 'segment:add', segmentId, ...LESION });
    await apply({ kind: 'mask:edit', edits: [{ segmentId, frame: frames[1] ?? '', add: [40, 9], remove: [] }] });
    const masks = Object.fromEntries(page.masks);

    wire.onStore = () => void archive.stop();
    const error = await page.refusal('segmentation:save', { seriesUid, description: 'Reading 1' });
    expect(error.code).toMatch(/^archive-/);
    expect(error.remedy).toMatch(/Your work is kept/);
    expect(Object.fromEntries(page.masks)).toEqual(masks);

    delete wire.onStore;
    await archive.restart();
    const saved = await page.get('segmentation:save', { seriesUid, description: 'Reading 1' });
    expect(saved).toMatchObject({ instanceNumber: 1, frames: 1 });
    expect((await page.get('segmentation:list', { seriesUid })).stored).toHaveLength(1);
    page.close();
  });
});
