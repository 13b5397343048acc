import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { download, type DownloadPorts, type Source } from './download.ts';
import { sendFile, startFileServer, startProxy, type TestServer } from './fixtures/fileServer.ts';
import { throughProxies } from './proxies.ts';

/** Not the same twice, so that a part put in the wrong place is noticed. */
const content = Buffer.from(Uint32Array.from({ length: 100_000 }, (_, n) => Math.imul(n, 2654435761)).buffer);
const sha256 = createHash('sha256').update(content).digest('hex');
const md5 = createHash('md5').update(content).digest('hex');

let folder: string;
let path: string;
const servers: TestServer[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medsam-download-'));
  path = join(folder, 'weights.pth');
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await rm(folder, { recursive: true });
});

const start = async (...args: Parameters<typeof startFileServer>) => {
  const server = await startFileServer(...args);
  servers.push(server);
  return server;
};
const ports = (changes: Partial<DownloadPorts> = {}): DownloadPorts => ({
  dispatcher: throughProxies({}, 5_000),
  signal: new AbortController().signal,
  onProgress: () => undefined,
  retryDelayMs: 1,
  ...changes,
});
const from = (server: TestServer, changes: Partial<Source> = {}): Source => ({
  address: `${server.url}/weights.pth`,
  mayBeHttp: true,
  megabytes: 1,
  bytes: content.length,
  sha256,
  md5,
  ...changes,
});
const unknown = { bytes: undefined, sha256: undefined, md5: undefined };
const present = () => readdir(folder);

describe('a download', () => {
  it('gives the file its name when all of it is there, and tells how far it is', async () => {
    const server = await start((request, response) => sendFile(request, response, content));
    const told: [number, number | undefined][] = [];
    const found = await download(from(server), path, ports({ onProgress: (...progress) => told.push(progress) }));
    expect(found).toBe(sha256);
    expect(await readFile(path)).toEqual(content);
    expect(await present()).toEqual(['weights.pth']);
    expect(told.at(-1)).toEqual([content.length, content.length]);
  });

  it('is known by its size, about, where nothing else is known, and by its hash where its size is not', async () => {
    const server = await start((request, response) => sendFile(request, response, content));
    for (const facts of [{ ...unknown, megabytes: 0.38 }, { bytes: undefined }]) {
      expect(await download(from(server, facts), path, ports())).toBe(sha256);
      await rm(path);
    }
  });

  it('goes on where the connection was cut, as often as needed', async () => {
    const server = await start((request, response, n) =>
      sendFile(request, response, content, n < 3 ? { cutAfter: 150_000 } : {}),
    );
    await download(from(server), path, ports());
    expect(await readFile(path)).toEqual(content);
    const [first, second, third] = server.asked;
    expect(first).toBe('GET /weights.pth');
    for (const again of [second, third]) expect(again).toMatch(/bytes=[1-9]\d*-$/);
  });

  it('gives up after a few tries, keeps what came, and the next command goes on with it', async () => {
    let isCut = true;
    const server = await start((request, response) =>
      sendFile(request, response, content, isCut ? { cutAfter: 10_000 } : {}),
    );
    await expect(download(from(server), path, ports())).rejects.toMatchObject({ code: 'download-failed' });
    expect(server.asked).toHaveLength(5);
    expect((await stat(`${path}.part`)).size).toBeGreaterThanOrEqual(40_000);
    isCut = false;
    await download(from(server), path, ports());
    expect(server.asked.at(-1)).toMatch(/bytes=[1-9]\d{4}-$/);
    expect(await readFile(path)).toEqual(content);
  });

  it('begins anew where another version lies there meanwhile', async () => {
    const server = await start((request, response, n) =>
      n === 1
        ? sendFile(request, response, Buffer.alloc(content.length), { etag: '"v0"', cutAfter: 100_000 })
        : sendFile(request, response, content),
    );
    await download(from(server), path, ports());
    expect(await readFile(path)).toEqual(content);
  });

  it('begins anew at a server that ignores ranges, or that names no version', async () => {
    for (const headers of [{ etag: '"v1"' }, { etag: 'W/"v1"' }, {}]) {
      const server = await start((_, response, n) => {
        response.writeHead(200, { 'content-length': content.length, ...headers });
        if (n > 1) response.end(content);
        else response.write(content.subarray(0, 200_000), () => setTimeout(() => response.destroy(), 20));
      });
      await download(from(server), path, ports());
      expect(server.asked).toHaveLength(2);
      expect(await readFile(path)).toEqual(content);
      await rm(path);
    }
  });

  it('takes a part that is whole already for the file', async () => {
    const server = await start((request, response) => sendFile(request, response, content));
    await writeFile(`${path}.part`, content);
    await writeFile(`${path}.part.json`, JSON.stringify({ address: from(server).address, validator: '"v1"' }));
    await download(from(server), path, ports());
    expect(server.asked).toEqual([`GET /weights.pth bytes=${String(content.length)}-`]);
    expect(await present()).toEqual(['weights.pth']);
  });

  it('follows redirects, but not from https to http', async () => {
    const target = await start((request, response) => sendFile(request, response, content));
    const server = await start((_, response) => response.writeHead(302, { location: `${target.url}/cdn` }).end());
    await download(from(server), path, ports());
    expect(target.asked).toEqual(['GET /cdn']);
    const insecure = download(from(server, { mayBeHttp: false }), path, ports());
    await expect(insecure).rejects.toMatchObject({ code: 'download-failed', detail: /not reached by https/ });
    const circle = await start((_, response) => response.writeHead(301, { location: '/again' }).end());
    await expect(download(from(circle), path, ports())).rejects.toMatchObject({ detail: /redirects more than/ });
  });

  it('can be stopped, and says that what came is kept', async () => {
    const stop = new AbortController();
    const server = await start((_, response) => {
      response.writeHead(200, { etag: '"v1"', 'content-length': content.length });
      response.write(content.subarray(0, 100_000));
    });
    const running = download(from(server), path, ports({ signal: stop.signal, onProgress: () => stop.abort() }));
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(await present()).toContain('weights.pth.part');
  });
});

describe('what is not the file', () => {
  it.each([
    ['has another SHA-256', { sha256: 'a'.repeat(64) }, /SHA-256 is [0-9a-f]{64}, expected aaa/],
    ['has another MD5', { md5: 'b'.repeat(32) }, /MD5/],
    ['is shorter', { bytes: content.length + 1 }, /has 400000 bytes, expected 400001/],
    ['is a page', { ...unknown, megabytes: 156 }, /has 400000 bytes, expected about 156 MB.*\/weights\.pth answers/],
  ])('because it %s, is deleted and said', async (_, facts, detail) => {
    for (const headers of [{ 'content-length': content.length }, { 'transfer-encoding': 'chunked' }]) {
      const server = await start((_request, response) => response.writeHead(200, headers).end(content));
      await expect(download(from(server, facts), path, ports())).rejects.toMatchObject({
        code: 'download-corrupt',
        detail: expect.stringMatching(detail) as string,
      });
      expect(await present()).toEqual([]);
    }
  });

  it('is not asked for again where there is none', async () => {
    const server = await start((_, response) => response.writeHead(404).end('no such file'));
    await expect(download(from(server), path, ports())).rejects.toMatchObject({
      code: 'download-failed',
      detail: expect.stringMatching(/weights\.pth answers 404: there is no such file/) as string,
    });
    expect(server.asked).toHaveLength(1);
    expect(await present()).toEqual([]);
  });

  it('is asked for again where the server is only busy', async () => {
    const server = await start((request, response, n) =>
      n === 1 ? response.writeHead(503).end() : sendFile(request, response, content),
    );
    await download(from(server), path, ports());
    expect(server.asked).toHaveLength(2);
  });

  it('is said where nobody answers', async () => {
    const server = await start(() => undefined);
    await server.close();
    const asking = download(from(server), path, ports());
    await expect(asking).rejects.toMatchObject({ code: 'download-failed', detail: /5 tries: ECONNREFUSED/ });
  });

  it('is said where the server falls silent', async () => {
    const server = await start(() => undefined);
    const asking = download(from(server), path, ports({ dispatcher: throughProxies({}, 50) }));
    await expect(asking).rejects.toMatchObject({ code: 'download-failed', detail: /TIMEOUT/ });
  });
});

it('is refused before it begins where the disk has no room for it', async () => {
  const server = await start((_, response) => response.writeHead(200, { 'content-length': 1e15 }).flushHeaders());
  const asking = download(from(server, { bytes: undefined }), path, ports());
  await expect(asking).rejects.toMatchObject({
    code: 'state-unwritable',
    detail: expect.stringMatching(/free; 1000000000 MB are needed/) as string,
  });
  expect(await present()).toEqual([]);
});

describe('a proxy', () => {
  it('of HTTP_PROXY forwards, and one of NO_PROXY is not asked', async () => {
    const server = await start((request, response) => sendFile(request, response, content));
    const proxy = await startProxy();
    servers.push(proxy);
    await download(from(server), path, ports({ dispatcher: throughProxies({ HTTP_PROXY: proxy.url }) }));
    expect(proxy.asked).toEqual([`GET ${server.url}/weights.pth`]);
    const direct = throughProxies({ HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' });
    await download(from(server), path, ports({ dispatcher: direct }));
    expect(proxy.asked).toHaveLength(1);
    expect(server.asked).toHaveLength(2);
  });
});

const suite = 'a proxy of HTTPS_PROXY';

if (spawnSync('openssl', ['version']).status !== 0) {
  if (process.env['CI'] === 'true') throw new Error(`${suite}: openssl is not installed`);
  describe.skip(`${suite} [openssl is not installed (apt-get install openssl)]`, () => undefined);
} else
  it(`${suite} tunnels`, async () => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert];
    execFileSync('openssl', [...made, ...subject], { stdio: 'ignore' });
    const options = { key: await readFile(key), cert: await readFile(cert) };
    const server = createTlsServer(options, (request, response) => sendFile(request, response, content));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const host = `localhost:${String((server.address() as AddressInfo).port)}`;
    const proxy = await startProxy();
    servers.push(proxy);
    const script = fileURLToPath(new URL('./fixtures/downloadOnce.ts', import.meta.url));
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: cert, HTTPS_PROXY: proxy.url, https_proxy: proxy.url };
    await promisify(execFile)(process.execPath, ['--import', 'tsx', script, `https://${host}/weights.pth`, path], {
      env: { ...env, NO_PROXY: '', no_proxy: '' },
    });
    server.close();
    expect(proxy.asked).toEqual([`CONNECT ${host}`]);
    expect(await readFile(path)).toEqual(content);
  });
