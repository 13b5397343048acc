import { once } from 'node:events';
import {
  createServer,
  request as sendRequest,
  type IncomingMessage,
  type RequestListener,
  type RequestOptions,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
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

/** A PACS that answers with `answer`, the proxy in front of it, what the PACS was asked, and which failures the operator is told of. */
async function proxyTo(answer: RequestListener, timeoutMs = 5000, jsonBytes?: number) {
  const asked: IncomingMessage[] = [];
  const told: string[] = [];
  const pacs = await serve((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  const connection = { url: `${pacs}/pacs/dicom-web/`, username: 'medsam', password: 'secret', timeoutMs };
  const url = await serve(
    express().use(
      '/dicom-web',
      dicomWebProxy(connection, ({ code }) => told.push(code), jsonBytes),
    ),
  );
  return { url: `${url}/dicom-web`, asked, told, pacs };
}

/** As it stands: fetch would tidy up the path, decode the body and hide the headers that it keeps to itself. */
async function sendRaw(url: string, path: string, options: RequestOptions = {}) {
  const { hostname, port } = new URL(url);
  const sent = sendRequest({ hostname, port, path, ...options }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) };
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
    const down = await serve(
      express().use(
        '/dicom-web',
        dicomWebProxy(connection, ({ code }) => slow.told.push(code)),
      ),
    );
    const response = await fetch(`${down}/dicom-web/studies`);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { code: 'archive-unreachable' } });
    expect(slow.told).toEqual(['archive-timeout', 'archive-timeout', 'archive-unreachable']);
  });
});

const FRAME = '/studies/1/series/2/instances/3/frames/1';

describe('a PACS that stops in the middle of its answer', () => {
  /** Says that `body` comes, sends half of it, and hangs up or falls silent. */
  const half =
    (headers: Record<string, string>, body: Buffer, hangsUp: boolean): RequestListener =>
    (_, response) => {
      response.writeHead(200, { ...headers, 'Content-Length': String(body.length) });
      response.write(body.subarray(0, body.length / 2), () => void (hangsUp && response.destroy()));
    };
  const json = { 'Content-Type': 'application/dicom+json' };
  const zipped = { 'Content-Encoding': 'gzip' };
  const metadata = Buffer.from(JSON.stringify(Array.from({ length: 500 }, (_, n) => ({ '00200013': { Value: [n] } }))));
  const frame = Buffer.from(Array.from({ length: 200_000 }, (_, n) => (n * n) % 251));
  const octets = { 'Content-Type': 'multipart/related; type="application/octet-stream"; boundary=b' };

  it.each([
    ['metadata', json, metadata],
    ['compressed metadata', { ...json, ...zipped }, gzipSync(metadata)],
  ])('never passes half of %s on: the viewer hears what happened', async (_what, headers, body) => {
    for (const [hangsUp, status, code] of [
      [true, 502, 'archive-unreachable'],
      [false, 504, 'archive-timeout'],
    ] as const) {
      const { url } = await proxyTo(half(headers, body, hangsUp), 300);
      const response = await fetch(`${url}/studies/1/series/2/metadata`);
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ error: { code } });
    }
  });

  it.each([
    ['a frame', octets, frame],
    ['a compressed frame', { ...octets, ...zipped }, gzipSync(frame)],
  ])('breaks the answer off when half of %s is on its way', async (_what, headers, body) => {
    for (const hangsUp of [true, false]) {
      const { url } = await proxyTo(half(headers, body, hangsUp), 300);
      const whole = fetch(`${url}${FRAME}`).then((response) => response.arrayBuffer());
      await expect(whole).rejects.toThrow();
    }
  });

  it('is not said to be slow when it has hung up', async () => {
    const { url } = await proxyTo((request) => request.socket.destroy());
    for (const path of ['/studies', FRAME]) {
      const response = await fetch(`${url}${path}`);
      expect(response.status).toBe(502);
      expect(await response.json()).toMatchObject({ error: { code: 'archive-unreachable' } });
    }
  });
});

describe('what passes the proxy', () => {
  it('is search, retrieve and store, and nothing else', async () => {
    const { url, asked } = await proxyTo(asJson('[]'));
    const passes = async (method: string, path: string) => {
      asked.length = 0;
      const { status, body } = await sendRaw(url, path, { method });
      if (status === 200) return asked.length === 1;
      expect([400, 404]).toContain(status);
      expect(JSON.parse(body.toString())).toMatchObject({ error: { remedy: expect.any(String) as string } });
      expect(asked).toHaveLength(0);
      return false;
    };
    for (const path of ['/studies', '/studies?limit=1&a=../b', '/series', '/instances', `${FRAME},2`, '/studies/1.2.3'])
      expect(await passes('GET', `/dicom-web${path}`), path).toBe(true);
    for (const path of ['/studies', '/studies/1.2.3'])
      expect(await passes('POST', `/dicom-web${path}`), path).toBe(true);
    for (const method of ['DELETE', 'PUT', 'PATCH', 'OPTIONS'])
      expect(await passes(method, '/dicom-web/studies/1.2.3'), method).toBe(false);
    for (const path of ['/studies/1/series/2', '/studies/1/reject', '/series'])
      expect(await passes('POST', `/dicom-web${path}`), path).toBe(false);
    for (const path of [
      '/../tools/reset',
      '/studies/../../tools/reset',
      '/studies/1/..',
      '/studies/%2e%2e/%2E%2e/tools',
      '/studies/..%2f..%2ftools',
      '/studies/..%5c..%5ctools',
      '/studies/..\\..\\tools',
      '/studies/..;/..;/tools',
      '/studies/..;a=b/..%3B/tools',
      '/studies/..%3b/..%3b/tools',
      '/studies/%252e%252e/tools',
      '/studies//1',
      '//elsewhere/studies',
      '/',
      '/servers',
      '/studiesx',
    ])
      expect(await passes('GET', `/dicom-web${path}`), path).toBe(false);
  });

  it('carries the password and no cookie, also where the viewer expects to be asked to continue', async () => {
    const { url, asked } = await proxyTo(asJson('{}'));
    const headers = { Cookie: 'session=1', Expect: '100-continue', 'Content-Type': 'multipart/related' };
    await sendRaw(url, '/dicom-web/studies', { method: 'POST', headers });
    expect(asked[0]?.headers).toMatchObject({ authorization: expect.stringMatching(/^Basic /) as string });
    expect(asked[0]?.headers).not.toHaveProperty('cookie');
  });

  it('carries a stored object byte for byte, with its length', async () => {
    const received: Buffer[] = [];
    const { url, asked } = await proxyTo((request, response) => {
      request.on('data', (chunk: Buffer) => received.push(chunk)).on('end', () => response.end());
    });
    const body = Buffer.from(Array.from({ length: 300_000 }, (_, n) => n % 253));
    await fetch(`${url}/studies`, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'multipart/related; boundary=b' },
    });
    expect(Buffer.concat(received).equals(body)).toBe(true);
    expect(asked[0]?.headers['content-length']).toBe(String(body.length));
  });

  it("brings back neither the PACS's cookies nor its question for a password", async () => {
    const { url } = await proxyTo((_, response) => {
      response.writeHead(401, { 'Set-Cookie': 'pacs=1', 'WWW-Authenticate': 'Basic' }).end();
    });
    const { status, headers } = await sendRaw(url, '/dicom-web/studies');
    expect(status).toBe(401);
    expect(headers).not.toHaveProperty('set-cookie');
    expect(headers).not.toHaveProperty('www-authenticate');
  });

  it('is decoded where the PACS compresses', async () => {
    const { url } = await proxyTo((_, response) => {
      const headers = { 'Content-Type': 'application/octet-stream', 'Content-Encoding': 'gzip' };
      response.writeHead(200, headers).end(gzipSync('pixels'));
    });
    const { headers, body } = await sendRaw(url, `/dicom-web${FRAME}`);
    expect(headers).not.toHaveProperty('content-encoding');
    expect(body.toString()).toBe('pixels');
  });

  it('is no JSON larger than the server holds', async () => {
    const { url } = await proxyTo(asJson(JSON.stringify('x'.repeat(2000))), 5000, 1000);
    const response = await fetch(`${url}/studies`);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { code: 'archive-refused' } });
  });

  it('stops when the viewer goes away', async () => {
    let wentAway: (value: unknown) => void = () => undefined;
    const left = new Promise((resolve) => (wentAway = resolve));
    const { url } = await proxyTo((request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).write('begin');
      request.once('close', wentAway);
    });
    const viewer = new AbortController();
    const response = await fetch(`${url}${FRAME}`, { signal: viewer.signal });
    expect(response.status).toBe(200);
    viewer.abort();
    await left;
  });
});
