import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PropagationProgress } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { engineOf, killEngine } from '../support/engineOf.ts';
import { openPrompted, withSegment, type PromptedPage } from '../support/promptedPage.ts';
import { startServerProcess, type ServerProcess } from '../support/serverProcess.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

const series = new SyntheticSeries(40, 60);

let folder: string;
let server: ServerProcess;
let undisturbed: PromptedPage;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medsam-engine-'));
  const config = join(folder, 'config.json');
  await writeFile(config, JSON.stringify({ archive: { kind: 'embedded', demoStudy: false } }));
  server = await startServerProcess({ MEDSAM_DATA: join(folder, 'data'), MEDSAM_CONFIG: config });
  undisturbed = await openPrompted(server.url, series);
  await propagated(undisturbed);
});
afterAll(async () => {
  undisturbed.page.close();
  await server.kill();
  await rm(folder, { recursive: true, force: true });
});

let disturbed: PromptedPage;
beforeEach(async () => {
  disturbed = await withSegment(undisturbed.page, series);
});

/** Planes between two faults. */
const EACH = 10;

/** Propagates to the end. @param meanwhile - Called once each time {@link EACH} planes more are done. */
async function propagated({ page, propagation }: PromptedPage, meanwhile?: () => Promise<void>) {
  const start = propagation();
  const ended = page.next('propagation:ended', ({ propagationId }) => propagationId === start.propagationId);
  const faults: Promise<void>[] = [];
  const count = ({ propagationId, done }: PropagationProgress) => {
    if (propagationId === start.propagationId && meanwhile && done % EACH === 0) faults.push(meanwhile());
  };
  page.socket.on('propagation:progress', count);
  await page.get('propagation:start', start);
  const end = await ended;
  page.socket.off('propagation:progress', count);
  await Promise.all(faults);
  return { end, faults: faults.length };
}

it('killed again and again in the middle of a propagation, it loses nothing and the masks are the same', async () => {
  const { page, prompt } = disturbed;
  await page.get('prompt:segment', prompt());
  const before = await engineOf(server);
  const { end, faults } = await propagated(disturbed, () => killEngine(server));
  expect(faults).toBeGreaterThan(1);
  expect(end).not.toHaveProperty('error');
  expect(disturbed.masks()).toEqual(undisturbed.masks());
  expect(Object.keys(disturbed.masks()).length).toBeGreaterThan(20);
  await expect.poll(async () => (await engineOf(server)).restarts, { timeout: 20_000 }).toBe(before.restarts + faults);
});

it('killed with many boxes waiting, all are answered', async () => {
  const { page, prompt } = disturbed;
  await expect.poll(async () => (await engineOf(server)).state, { timeout: 20_000 }).toBe('ready');
  const { pid } = await engineOf(server);
  process.kill(pid, 'SIGSTOP');
  const asked = Array.from({ length: 8 }, (_, n) => page.get('prompt:segment', prompt(26 + n)));
  await expect.poll(async () => (await engineOf(server)).queued).toBeGreaterThanOrEqual(7);
  process.kill(pid, 'SIGKILL');
  const answers = await Promise.all(asked);
  expect(answers.every(({ pixels }) => pixels > 100)).toBe(true);
});

it('killed again while the next one loads its models, whoever asked meanwhile is answered', async () => {
  const { page, prompt } = disturbed;
  await killEngine(server);
  const asked = page.get('prompt:segment', prompt());
  const dead = await engineOf(server);
  await expect.poll(async () => (await engineOf(server)).pid, { interval: 5, timeout: 20_000 }).not.toBe(dead.pid);
  const loading = await engineOf(server);
  expect(loading.state).toBe('restarting');
  process.kill(loading.pid, 'SIGKILL');
  expect((await asked).pixels).toBeGreaterThan(100);
  expect((await engineOf(server)).pid).not.toBe(loading.pid);
});

// How many boxes fit into what it has left is its allocator's affair: some ninety, on one processor more than on another.
it.runIf(process.platform === 'linux')(
  'out of memory, it is replaced, and nobody notices',
  { timeout: 180_000 },
  async () => {
    const { page, prompt } = disturbed;
    await killEngine(server);
    await page.get('prompt:segment', prompt());
    const before = await engineOf(server);
    // Not a byte more than it has.
    execFileSync('prlimit', ['--pid', String(before.pid), '--data=1']);
    const { end } = await propagated(disturbed);
    expect(end).not.toHaveProperty('error');
    expect(disturbed.masks()).toEqual(undisturbed.masks());
    for (let n = 0; (await engineOf(server)).restarts === before.restarts; n++) {
      expect(n, 'boxes until memory ran out').toBeLessThan(1_000);
      await page.get('prompt:segment', prompt(20 + (n % 20)));
    }
    expect((await page.get('prompt:segment', prompt())).pixels).toBeGreaterThan(100);
  },
);
