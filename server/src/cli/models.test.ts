import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { makeModelFolder } from '../adapters/onnx/fixtures/modelFolder.ts';
import { sendFile, startFileServer, type TestServer } from '../provision/fixtures/fileServer.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
/** As large as MedSAM2's file is, about: nothing else is known of it. */
const content = Buffer.alloc(150_000_000, 'weights');

let state: string;
let exported: string;
let mirror: TestServer;
beforeAll(async () => {
  exported = await makeModelFolder('bright');
  mirror = await startFileServer((request, response) =>
    request.url?.endsWith('/MedSAM2_latest.pt') || request.url?.endsWith('/lite_medsam.pth')
      ? sendFile(request, response, content)
      : response.writeHead(404).end(),
  );
});
afterAll(async () => {
  await mirror.close();
  await rm(exported, { recursive: true });
});
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'medsam-state-'));
});
afterEach(() => rm(state, { recursive: true }));

/** `npm run models -- ARGS`, without npm and without a terminal. */
function run(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'server/src/cli/models.ts', ...args], {
    cwd: repository,
    env: {
      ...process.env,
      MEDSAM_DATA: state,
      MEDSAM_MODEL_MIRROR: `${mirror.url}/weights/`,
      NO_PROXY: '127.0.0.1',
      no_proxy: '127.0.0.1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, stdout, stderr })),
  );
}

it('fetches published weights from a mirror, once their terms are accepted', { timeout: 120_000 }, async () => {
  const refused = await run('fetch', 'medsam2');
  expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining('CC-BY-SA-4.0') as string });
  expect(refused.stderr).toMatch(/no terminal[^]*--accept/);
  expect(mirror.asked).toEqual([]);

  const { code, stdout, stderr } = await run('fetch', 'medsam2', '--accept');
  expect(code).toBe(0);
  expect(mirror.asked).toEqual(['GET /weights/medsam2/MedSAM2_latest.pt']);
  expect(stderr).toMatch(/150 of 150 MB \(100 %\)/);
  expect(stdout).toMatch(/No hash of this file is known/);
  expect(stdout).toMatch(
    /export --model medsam2 --weights \S+MedSAM2_latest\.pt --out \S+ *\) && npm run models -- add/,
  );
  const file = join(state, 'models', 'downloads', 'MedSAM2_latest.pt');
  expect(content.equals(await readFile(file))).toBe(true);

  expect(await run('fetch', 'medsam2')).toMatchObject({ code: 0 });
  expect(mirror.asked).toHaveLength(1);
  await writeFile(file, '<title>Log in</title>');
  expect(await run('fetch', 'medsam2', '--accept')).toMatchObject({ code: 0 });
  expect(content.equals(await readFile(file))).toBe(true);

  const wrong = await run('fetch', 'litemedsam', '--accept');
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringMatching(/deleted[^]*SHA-256/) as string });
  expect((await run('list')).stdout).toMatch(/medsam2 .*fetched, not converted yet/);
});

it('adds, lists, verifies and removes a model', { timeout: 120_000 }, async () => {
  const added = await run('add', exported, '--accept');
  expect(added).toMatchObject({ code: 0, stderr: '' });
  expect((await run('list')).stdout).toMatch(/^bright .* crop .* fp32 .* installed$/m);
  expect(await run('verify')).toMatchObject({ code: 0, stdout: 'embedded-box: good\nbright: good\n' });
  const weights = join(state, 'models', 'weights', 'bright');
  const [file = ''] = await readdir(weights);
  await writeFile(join(weights, file), 'rotten');
  expect(await run('verify')).toMatchObject({ code: 1, stdout: expect.stringMatching(/bright: .*6 bytes/) as string });
  expect(await run('remove', 'bright')).toMatchObject({ code: 0 });
  expect((await run('list')).stdout).not.toContain('bright');
});

it.each([
  ['no command', [], /npm run models -- list/],
  ['an unknown command', ['install'], /npm run models -- list/],
  ['no model to remove', ['remove'], /npm run models -- list/],
  ['an option that does not exist', ['list', '--fast'], /--fast/],
  ['a model that nobody published', ['fetch', 'nobody'], /Published are: litemedsam, medsam-vit-b, medsam2/],
  ['the embedded model', ['remove', 'embedded-box'], /project's own/],
])('says in a sentence what is wrong: %s', { timeout: 60_000 }, async (_, args, message) => {
  const { code, stdout, stderr } = await run(...args);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/^\s+at /m);
});
