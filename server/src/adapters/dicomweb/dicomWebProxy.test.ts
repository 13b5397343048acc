import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { dicomWebProxy } from './dicomWebProxy.ts';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => (server.closeAllConnections(), server.close())));

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

/** A PACS that answers with `answer`, the proxy in front of it, and what the PACS was asked. */
async function proxyTo(answer: RequestListener, timeoutMs = 5000) {
  const asked: IncomingMessage[] = [];
  const pacs = await serve((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  const connection = { url: `${pacs}/pacs/dicom-web/`, username: 'medsam', password: 'secret', timeoutMs };
  const url = await serve(express().use('/dicom-web', dicomWebProxy(connection)));
  return { url: `${url}/dicom-web`, asked, pacs };
}

const asJson =
  (body: string): RequestListener =>
  (_, response) =>
    void response.writeHead(200, { 'Content-Type': 'application/dicom+json' }).end(body);

describe('the proxy in front of a PACS', () => {
  it('adds the password, keeps the cookies of the viewer to itself, and leaves commas as they are', async () => {
    const { url, asked } = await proxyTo(asJson('[]'));
    const headers = { Cookie: 'session=1', Authorization: 'Bearer of-the-viewer' };
    await fetch(`${url}/studies?includefield=00081030%2C00080060&limit=101`, { headers });
    const [request] = asked;
    expect(request?.url).toBe('/pacs/dicom-web/studies?includefield=00081030,00080060&limit=101');
    expect(request?.headers.authorization).toBe(`Basic ${Buffer.from('medsam:secret').toString('base64')}`);
    expect(request?.headers.cookie).toBeUndefined();
  });

  it('points bulk data at itself, wherever the PACS believes it is', async () => {
    const uri = (origin: string) => `${origin}/studies/1/series/2/instances/3/bulk/7fe00010`;
    for (const origin of [
      'http://127.0.0.1:8042/dicom-web',
      'https://pacs.example/a/b/dicom-web',
      'http://localhost/dicom-web',
    ]) {
      const { url } = await proxyTo(asJson(JSON.stringify([{ '7FE00010': { vr: 'OW', BulkDataURI: uri(origin) } }])));
      const answer = await (await fetch(`${url}/studies/1/series/2/metadata`)).json();
      expect(answer).toEqual([{ '7FE00010': { vr: 'OW', BulkDataURI: uri('/dicom-web') } }]);
    }
  });

  it('passes frames through untouched, whatever is in them', async () => {
    const body = Buffer.concat([Buffer.from('"http://pacs/dicom-web/studies/1"'), Buffer.from([0, 255, 13, 10, 128])]);
    const { url } = await proxyTo((_, response) => {
      response
        .writeHead(200, { 'Content-Type': 'multipart/related; type="application/octet-stream"; boundary=b' })
        .end(body);
    });
    const response = await fetch(`${url}/studies/1/series/2/instances/3/frames/1`);
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
  });

  it('answers a viewer of a PACS that is down, or too slow, with what happened', async () => {
    const slow = await proxyTo(() => undefined, 200);
    for (const path of ['/studies', '/studies/1/series/2/instances/3/frames/1']) {
      const response = await fetch(`${slow.url}${path}`);
      expect(response.status).toBe(504);
      expect(await response.json()).toMatchObject({ error: { code: 'archive-timeout' } });
    }
    const connection = { url: 'http://127.0.0.1:9/dicom-web', timeoutMs: 5000 };
    const down = await serve(express().use('/dicom-web', dicomWebProxy(connection)));
    const response = await fetch(`${down}/dicom-web/studies`);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { code: 'archive-unreachable' } });
  });
});
