import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import express from 'express';
import * as tar from 'tar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { provisionViewer, type ViewerPin } from './provisionViewer.ts';
import { viewerRoutes } from './viewerRoutes.ts';

const SCRIPT = `console.log(${JSON.stringify('viewer '.repeat(500))});`;
/** What is ours, by the path it is served under. */
const OURS = {
  '/app-config.js': `window.config = "ours";${' '.repeat(2000)}`,
  '/medsam/host.js': `host();${' '.repeat(2000)}`,
  '/medsam/index.umd.js': `extension();${' '.repeat(2000)}`,
};
const HASHED = 'app.bundle.0f6159c501addfe9.js';
const FILES: Record<string, string> = {
  'dist/index.html': `<!doctype html><title>Viewer</title>${' '.repeat(2000)}`,
  [`dist/${HASHED}`]: SCRIPT,
  [`dist/${HASHED}.map`]: 'source map',
  'dist/app-config.js': 'window.config = "stock";',
  'dist/assets/logo.png': 'png',
  'package.json': '{}',
};

let folder: string;
let tarball: string;
let pin: ViewerPin;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medsam-viewer-'));
  const source = join(folder, 'source', 'package');
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(join(source, path, '..'), { recursive: true });
    await writeFile(join(source, path), text);
  }
  tarball = join(folder, 'viewer.tgz');
  await tar.create({ gzip: true, file: tarball, cwd: join(folder, 'source') }, ['package']);
  const sha512 = createHash('sha512')
    .update(await readFile(tarball))
    .digest('base64');
  pin = { package: '@ohif/app', version: '1.2.3', integrity: `sha512-${sha512}` };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('fetching the viewer', () => {
  it('unpacks what is served, compressed, without source maps, and once', async () => {
    const cache = join(folder, 'cache');
    const said: string[] = [];
    const fetched: string[] = [];
    const fetchTarball = () => (fetched.push('once'), Promise.resolve(tarball));
    const provision = () => provisionViewer(pin, cache, (message) => said.push(message), fetchTarball);
    const viewer = await provision();
    expect(await provision()).toBe(viewer);
    expect([said.length, fetched.length]).toEqual([1, 1]);
    expect((await readdir(viewer)).sort()).toEqual(
      ['app-config.js', 'assets', HASHED, `${HASHED}.gz`, 'index.html', 'index.html.gz'].sort(),
    );
    expect(gunzipSync(await readFile(join(viewer, `${HASHED}.gz`))).toString()).toBe(SCRIPT);
    expect(await readdir(cache)).toEqual([pin.version]);
  });

  it('refuses another package than the pinned one, and leaves nothing behind', async () => {
    const cache = join(folder, 'tampered');
    const other = { ...pin, integrity: `sha512-${Buffer.alloc(64).toString('base64')}` };
    const attempt = provisionViewer(
      other,
      cache,
      () => undefined,
      () => Promise.resolve(tarball),
    );
    await expect(attempt).rejects.toMatchObject({ code: 'input-invalid' });
    expect(await readdir(cache)).toEqual([]);
  });
});

describe('serving the viewer', () => {
  let server: Server;
  let port: number;
  beforeAll(async () => {
    const [config, extension] = [join(folder, 'config'), join(folder, '.hidden', 'extension')];
    await mkdir(config);
    await mkdir(extension, { recursive: true });
    await writeFile(join(config, 'app-config.js'), OURS['/app-config.js']);
    await writeFile(join(extension, 'host.js'), OURS['/medsam/host.js']);
    await writeFile(join(extension, 'index.umd.js'), OURS['/medsam/index.umd.js']);
    await writeFile(join(extension, 'tsconfig.tsbuildinfo'), '{}');
    const viewer = await provisionViewer(
      pin,
      join(folder, '.served'),
      () => undefined,
      () => Promise.resolve(tarball),
    );
    server = express().use(viewerRoutes({ viewer, config, extension })).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => server.close());

  /** fetch would hide the compression. */
  async function get(path: string): Promise<{ answer: IncomingMessage; body: Buffer }> {
    const sent = request({ port, path, host: '127.0.0.1', headers: { 'Accept-Encoding': 'gzip, deflate' } }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    return { answer, body: Buffer.concat(chunks) };
  }

  it('sends bundles compressed, and lets browsers keep those whose name holds their hash', async () => {
    const { answer, body } = await get(`/${HASHED}`);
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(answer.headers['content-type']).toContain('javascript');
    expect(answer.headers['cache-control']).toContain('immutable');
    expect(gunzipSync(body).toString()).toBe(SCRIPT);
  });

  it('puts our configuration in place of the stock one, and our bundle beside it, compressed and always fresh', async () => {
    for (const [path, text] of Object.entries(OURS)) {
      const { answer, body } = await get(path);
      expect(answer.headers['content-encoding'], path).toBe('gzip');
      expect(gunzipSync(body).toString()).toBe(text);
      expect(answer.headers['cache-control']).toBe('no-cache');
    }
  });

  it.each(['/', '/viewer?StudyInstanceUIDs=1.2.3', '/medsam?StudyInstanceUIDs=1.2.3', '/segmentation/dicomweb'])(
    'answers the view %s with the application',
    async (path) => {
      const { answer, body } = await get(path);
      expect(answer.headers['content-encoding']).toBe('gzip');
      expect(gunzipSync(body).toString()).toContain('<title>Viewer</title>');
      expect(answer.headers['cache-control']).toBe('no-cache');
    },
  );

  it.each([
    `/${HASHED}.map`,
    '/missing.js',
    '/medsam/tsconfig.tsbuildinfo',
    '/medsam/..%2f..%2fviewer.tgz',
    '/../viewer.tgz',
  ])('does not serve %s', async (path) => {
    expect((await get(path)).answer.statusCode).toBeGreaterThanOrEqual(400);
  });
});
