import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { dicomWebArchive } from './dicomWebArchive.ts';
import { FAILURE } from './failureReasons.ts';
import { tinySeries, type TinyFile } from './fixtures.ts';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => (server.closeAllConnections(), server.close())));

/** Archives that misbehave as some do: an archive port to each. */
async function archiveThat(answer: RequestListener, timeoutMs = 5000) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return dicomWebArchive({
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/dicom-web/`,
    timeoutMs,
  });
}

const sequence = (...Value: object[]) => ({ vr: 'SQ', Value });
const item = ({ name }: TinyFile, more: object = {}) => ({
  '00081155': { vr: 'UI', Value: [name.sopInstanceUid] },
  ...more,
});
const because = (code: number) => ({ '00081197': { vr: 'US', Value: [code] } });

function twoFiles(): [TinyFile, TinyFile] {
  const [first, second] = tinySeries(2);
  if (!first || !second) throw new Error('no files');
  return [first, second];
}

describe('storing in a PACS', () => {
  it('believes the answer per object, not the status', async () => {
    const [good, bad] = twoFiles();
    for (const status of [400, 200, 202, 409]) {
      const archive = await archiveThat((_, response) => {
        const body = { '00081199': sequence(item(good)), '00081198': sequence(item(bad, because(0xa700))) };
        response.writeHead(status, { 'Content-Type': 'application/dicom+json' }).end(JSON.stringify(body));
      });
      expect(await archive.store(good.name.studyUid, [good.bytes, bad.bytes]), `status ${String(status)}`).toEqual([
        { sopInstanceUid: good.name.sopInstanceUid, stored: true },
        {
          sopInstanceUid: bad.name.sopInstanceUid,
          stored: false,
          reasonCode: 0xa700,
          reason: expect.stringContaining('space') as string,
        },
      ]);
    }
  });

  it('does not take silence for success', async () => {
    const [first, second] = twoFiles();
    const archive = await archiveThat((_, response) => {
      response.writeHead(200).end(JSON.stringify({ '00081199': sequence(item(first)) }));
    });
    expect(await archive.store(first.name.studyUid, [first.bytes, second.bytes])).toMatchObject([
      { stored: true },
      { stored: false, reasonCode: FAILURE.processingFailure },
    ]);
  });

  it('asks for the objects where a success says nothing of them', async () => {
    const [first, second] = twoFiles();
    for (const body of ['', '<html>stored</html>', '{}']) {
      const archive = await archiveThat(({ method, url = '' }, response) => {
        const found = url.endsWith(`/instances?SOPInstanceUID=${first.name.sopInstanceUid}`);
        const headers = found ? [{ '00080018': { vr: 'UI', Value: [first.name.sopInstanceUid] } }] : [];
        response.writeHead(200).end(method === 'POST' ? body : JSON.stringify(headers));
      });
      expect(await archive.store(first.name.studyUid, [first.bytes, second.bytes]), body).toMatchObject([
        { sopInstanceUid: first.name.sopInstanceUid, stored: true },
        { sopInstanceUid: second.name.sopInstanceUid, stored: false, reasonCode: FAILURE.processingFailure },
      ]);
    }
    const portal = await archiveThat((_, response) => void response.writeHead(200).end('<html>Please sign in</html>'));
    await expect(portal.store(first.name.studyUid, [first.bytes])).rejects.toMatchObject({ code: 'archive-refused' });
  });

  it('keeps a warning', async () => {
    const [file] = twoFiles();
    const archive = await archiveThat((_, response) => {
      const warned = item(file, { '00081196': { vr: 'US', Value: [0xb000] } });
      response.writeHead(202).end(JSON.stringify({ '00081199': sequence(warned) }));
    });
    expect(await archive.store(file.name.studyUid, [file.bytes])).toMatchObject([
      { stored: true, warning: expect.stringContaining('B000') as string },
    ]);
  });

  it('tells a refusal from a failure to reach the archive', async () => {
    const [file] = twoFiles();
    const busy = await archiveThat((_, response) => void response.writeHead(503).end('<html>busy</html>'));
    await expect(busy.store(file.name.studyUid, [file.bytes])).rejects.toMatchObject({ code: 'archive-refused' });
    const gone = dicomWebArchive({ url: 'http://127.0.0.1:9/dicom-web', timeoutMs: 5000 });
    await expect(gone.store(file.name.studyUid, [file.bytes])).rejects.toMatchObject({ code: 'archive-unreachable' });
  });

  it('sends nothing when a file is no DICOM', async () => {
    const [file] = twoFiles();
    let requests = 0;
    const archive = await archiveThat((_, response) => (requests++, response.end()));
    const files = [file.bytes, new Uint8Array(500)];
    await expect(archive.store(file.name.studyUid, files)).rejects.toMatchObject({ code: 'dicom-invalid' });
    expect(requests).toBe(0);
  });
});

describe('a PACS that is slow or broken', () => {
  it('times out, before the answer and in the middle of it', async () => {
    const [{ name }] = twoFiles();
    const silent = await archiveThat(() => undefined, 200);
    await expect(silent.seriesMetadata(name)).rejects.toMatchObject({ code: 'archive-timeout' });
    const stuck = await archiveThat((_, response) => void response.writeHead(200).write('[{'), 200);
    await expect(stuck.seriesMetadata(name)).rejects.toMatchObject({ code: 'archive-timeout' });
  });

  it('is left alone when the user cancels', async () => {
    const [{ name }] = twoFiles();
    const silent = await archiveThat(() => undefined);
    await expect(silent.instance(name, AbortSignal.timeout(50))).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('is not believed when its answer is cut off or is not DICOM JSON', async () => {
    const [{ name }] = twoFiles();
    const cut = await archiveThat((_, response) => {
      response.writeHead(200, { 'Content-Type': 'multipart/related; type="application/dicom"; boundary=b' });
      response.end('--b\r\nContent-Type: application/dicom\r\n\r\nhalf');
    });
    await expect(cut.instance(name)).rejects.toMatchObject({ code: 'archive-refused' });
    const other = await archiveThat((_, response) => void response.end('{"studies": 3}'));
    await expect(other.seriesMetadata(name)).rejects.toMatchObject({ code: 'archive-refused' });
    const html = await archiveThat((_, response) => void response.end('<html>sign in</html>'));
    await expect(html.seriesMetadata(name)).rejects.toMatchObject({ code: 'archive-refused' });
  });

  it('is not listened to for ever', async () => {
    const [{ name }] = twoFiles();
    const blanks = Buffer.alloc(1024 ** 2, ' ');
    const babbling = await archiveThat((_, response) => {
      const more = (): void => void response.write(blanks, (error) => error ?? more());
      more();
    });
    await expect(babbling.seriesMetadata(name)).rejects.toMatchObject({
      code: 'archive-refused',
      detail: expect.stringContaining('more than') as string,
    });
  });
});
