import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Request } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LESION } from '../support/lesion.ts';
import { Page } from '../support/page.ts';
import { failToStart, startServerProcess, type ServerProcess } from '../support/serverProcess.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

const series = new SyntheticSeries(3, 60);
const { seriesUid } = series;
const window = { kind: 'auto' } as const;

let folder: string;
let config: string;
let server: ServerProcess;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medsam-faults-'));
  config = join(folder, 'config.json');
  await writeFile(config, JSON.stringify({ archive: { kind: 'embedded', demoStudy: false } }));
  server = await start();
});
afterAll(async () => {
  await server.kill();
  await rm(folder, { recursive: true, force: true });
});

const start = () => startServerProcess({ MEDSAM_DATA: join(folder, 'data'), MEDSAM_CONFIG: config });

interface Engine {
  readonly state: string;
  readonly pid: number;
  readonly restarts: number;
}
const engine = async (): Promise<Engine> => {
  const health = (await (await fetch(`${server.url}/health`)).json()) as { engines: Engine[] };
  return health.engines[0] as Engine;
};

async function segmented(): Promise<{ page: Page; segmentId: string; prompt: () => Request<'prompt:segment'> }> {
  const page = await Page.open(server.url);
  await page.openSeries(series.opening);
  for (let k = 0; k < series.frames.length; k++) await page.get('slice:put', series.put(k));
  const segmentId = randomUUID();
  const operation = { kind: 'segment:add', segmentId, ...LESION } as const;
  await page.get('document:apply', { seriesUid, operationId: randomUUID(), operation });
  const { plane, hash: sliceHash } = series.put(30);
  const prompt = () =>
    ({ seriesUid, promptId: randomUUID(), segmentId, plane, sliceHash, box: [28, 22, 72, 54], window }) as const;
  await page.get('prompt:segment', prompt());
  return { page, segmentId, prompt };
}

const propagation = (segmentId: string): Request<'propagation:start'> => {
  const { plane, hash: sliceHash } = series.put(30);
  return { seriesUid, propagationId: randomUUID(), segmentId, plane, sliceHash, direction: 'both', window };
};

describe('the inference process is killed', () => {
  it('in the middle of a propagation: what arrived stays, the server lives, the next box works', async () => {
    const { page, segmentId, prompt } = await segmented();
    const ended = page.next('propagation:ended');
    const third = page.next('propagation:progress', ({ done }) => done >= 3);
    await page.get('propagation:start', propagation(segmentId));
    await third;
    const before = await engine();
    process.kill(before.pid, 'SIGKILL');
    const end = await ended;
    expect(end.planes).toBeGreaterThanOrEqual(3);
    expect([...page.masks.keys()].filter((key) => key.startsWith(segmentId)).length).toBeGreaterThanOrEqual(3);
    await expect.poll(async () => (await engine()).state, { timeout: 20_000 }).toBe('ready');
    expect((await engine()).restarts).toBe(before.restarts + 1);
    await page.get('prompt:segment', prompt());
    page.close();
  });

  it('with many boxes waiting: at most the one that ran fails, the others are answered', async () => {
    const { page, prompt } = await segmented();
    const { pid } = await engine();
    const asked = Array.from({ length: 8 }, () => page.ask('prompt:segment', prompt()));
    process.kill(pid, 'SIGKILL');
    const answers = await Promise.all(asked);
    const failed = answers.flatMap((answer) => (answer.ok ? [] : [answer.error.code]));
    expect(failed.length).toBeLessThanOrEqual(1);
    expect(failed.every((code) => code === 'engine-failed')).toBe(true);
    page.close();
  });
});

describe('the page', () => {
  it('is gone in the middle of a propagation: a colleague sees it end, and nobody can tell the difference', async () => {
    const { page, segmentId } = await segmented();
    const colleague = await Page.open(server.url, 'Bob');
    await colleague.openSeries(series.opening);
    const ended = colleague.next('propagation:ended');
    const first = page.next('propagation:progress');
    await page.get('propagation:start', propagation(segmentId));
    await first;
    page.close();
    const { planes } = await ended;
    expect(planes).toBeGreaterThan(20);
    colleague.close();
  });

  it('cancels: the propagation ends at once and what arrived stays', async () => {
    const { page, segmentId } = await segmented();
    const start = propagation(segmentId);
    const ended = page.next('propagation:ended');
    const first = page.next('propagation:progress');
    await page.get('propagation:start', start);
    expect((await page.refusal('propagation:start', propagation(segmentId))).code).toBe('propagation-running');
    await first;
    await page.get('propagation:cancel', { seriesUid, propagationId: start.propagationId });
    const { planes, forward, backward } = await ended;
    expect([forward, backward]).toContain('cancelled');
    expect(planes).toBeLessThan(30);
    const masks = [...page.masks.keys()].filter((key) => key.startsWith(segmentId));
    expect(masks).toHaveLength(planes + 1);
    page.close();
  });
});

describe('the server', () => {
  it('is killed: nothing that was acknowledged is lost', async () => {
    const { page, segmentId } = await segmented();
    const ended = page.next('propagation:ended');
    await page.get('propagation:start', propagation(segmentId));
    await ended;
    const known = Object.fromEntries(page.masks);
    await server.kill();
    page.close();
    server = await start();
    const again = await Page.open(server.url);
    await again.openSeries(series.opening);
    expect(Object.fromEntries(again.masks)).toEqual(known);
    again.close();
  });

  it.each([
    ['a second server on its state folder', () => ({ MEDSAM_DATA: join(folder, 'data') }), /Another server uses/],
    [
      'a state folder that cannot be written',
      () => ({ MEDSAM_DATA: join(config, 'below-a-file') }),
      /cannot be written/,
    ],
    ['a taken port', () => ({ PORT: new URL(server.url).port }), /Port \d+ is taken.*PORT=\d+ npm start/],
    ['a port that is none', () => ({ PORT: 'eighty' }), /port/],
    ['settings that are not JSON', () => ({ MEDSAM_CONFIG: 'package-lock.yaml' }), /MEDSAM_CONFIG/],
  ])('refuses %s and says what to do', async (_what, env, text) => {
    const { code, said } = await failToStart(env());
    expect(code).toBe(1);
    expect(said).toMatch(text);
    expect(said).not.toMatch(/ {4}at /);
  });
});
