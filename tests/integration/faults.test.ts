import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Page } from '../support/page.ts';
import { openPrompted } from '../support/promptedPage.ts';
import { failToStart, startServerProcess, type ServerProcess } from '../support/serverProcess.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

const series = new SyntheticSeries(3, 60);
const { seriesUid } = series;

let folder: string;
let config: string;
let broken: string;
let server: ServerProcess;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medsam-faults-'));
  config = join(folder, 'config.json');
  await writeFile(config, JSON.stringify({ archive: { kind: 'embedded', demoStudy: false } }));
  broken = join(folder, 'broken.json');
  await writeFile(broken, '{"port": 3000,');
  server = await start();
});
afterAll(async () => {
  await server.kill();
  await rm(folder, { recursive: true, force: true });
});

const start = () => startServerProcess({ MEDSAM_DATA: join(folder, 'data'), MEDSAM_CONFIG: config });

describe('the page', () => {
  it('is gone in the middle of a propagation: a colleague sees it end, and nobody can tell the difference', async () => {
    const { page, propagation } = await openPrompted(server.url, series);
    const colleague = await Page.open(server.url, 'Bob');
    await colleague.openSeries(series.opening);
    const ended = colleague.next('propagation:ended');
    const first = page.next('propagation:progress');
    await page.get('propagation:start', propagation());
    await first;
    page.close();
    const { planes } = await ended;
    expect(planes).toBeGreaterThan(20);
    colleague.close();
  });

  it('is gone in the middle of a propagation with nobody else there: it finds the masks when it comes back', async () => {
    const { page, segmentId, propagation } = await openPrompted(server.url, series);
    const first = page.next('propagation:progress');
    await page.get('propagation:start', propagation());
    await first;
    page.close();
    const again = await Page.open(server.url);
    const ended = again.next('propagation:ended');
    const { propagations } = await again.openSeries(series.opening);
    if (propagations.length > 0) await ended;
    await again.openSeries(series.opening);
    expect([...again.masks.keys()].filter((key) => key.startsWith(segmentId)).length).toBeGreaterThan(20);
    again.close();
  });

  it('is told why a propagation failed', async () => {
    const { page, segmentId, propagation } = await openPrompted(server.url, series);
    const ended = page.next('propagation:ended');
    const first = page.next('propagation:progress');
    await page.get('propagation:start', propagation());
    await first;
    const operation = { kind: 'segment:review', segmentId, status: 'approved' } as const;
    await page.get('document:apply', { seriesUid, operationId: randomUUID(), operation });
    expect(await ended).toMatchObject({ forward: 'failed', error: { code: 'segment-approved' } });
    page.close();
  });

  it('drags a handle: older answers are superseded, the newest box stands', async () => {
    const { page, prompt } = await openPrompted(server.url, series);
    const dragged = prompt();
    const asked = [60, 64, 68, 72].map((x) => page.ask('prompt:segment', { ...dragged, box: [28, 22, x, 54] }));
    const answers = await Promise.all(asked);
    expect(answers.at(-1)?.ok).toBe(true);
    const refused = answers.flatMap((answer) => (answer.ok ? [] : [answer.error.code]));
    expect(new Set(refused)).toEqual(new Set(['superseded']));
    const { document } = await page.openSeries(series.opening);
    expect(document.prompts.find(({ promptId }) => promptId === dragged.promptId)?.box).toEqual([28, 22, 72, 54]);
    page.close();
  });

  it('cancels: the propagation ends at once and what arrived stays', async () => {
    const { page, segmentId, propagation } = await openPrompted(server.url, series);
    const start = propagation();
    const ended = page.next('propagation:ended');
    const first = page.next('propagation:progress');
    await page.get('propagation:start', start);
    expect((await page.refusal('propagation:start', propagation())).code).toBe('propagation-running');
    await first;
    await page.get('propagation:cancel', { seriesUid, propagationId: start.propagationId });
    const { planes, forward, backward } = await ended;
    expect([forward, backward]).toContain('cancelled');
    // Of 41 that the object lies in.
    expect(planes).toBeLessThan(40);
    const masks = [...page.masks.keys()].filter((key) => key.startsWith(segmentId));
    expect(masks).toHaveLength(planes + 1);
    page.close();
  });
});

describe('the server', () => {
  it('is killed: nothing that was acknowledged is lost', async () => {
    const { page, propagation } = await openPrompted(server.url, series);
    const ended = page.next('propagation:ended');
    await page.get('propagation:start', propagation());
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

  it('is killed amid work: segments, boxes and undo are as they were acknowledged', async () => {
    const { page, segmentId, prompt } = await openPrompted(server.url, series);
    await page.get('prompt:segment', { ...prompt(), box: [30, 24, 60, 50] });
    const operation = { kind: 'segment:update', segmentId, label: 'Renamed' } as const;
    await page.get('document:apply', { seriesUid, operationId: randomUUID(), operation });
    await page.get('document:undo', { seriesUid, operationId: randomUUID() });
    const before = (await page.openSeries(series.opening)).document;
    await server.kill();
    page.close();
    server = await start();
    const again = await Page.open(server.url, 'Ada', {}, {}, page.participantId);
    const { document } = await again.openSeries(series.opening);
    expect(document).toEqual({ ...before, cells: expect.arrayContaining([...before.cells]) as unknown });
    expect(document.cells).toHaveLength(before.cells.length);
    await again.get('document:redo', { seriesUid, operationId: randomUUID() });
    expect(again.last?.segments.find(({ id }) => id === segmentId)?.label).toBe('Renamed');
    again.close();
  });

  it('answers every request while it starts', async () => {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const env = { MEDSAM_DATA: join(folder, 'starting'), MEDSAM_CONFIG: config, PORT: String(port) };
    const ready = startServerProcess(env);
    const seen = new Set<number>();
    while (!seen.has(200)) {
      const status = await fetch(`http://127.0.0.1:${String(port)}/health`).then(
        (response) => response.status,
        () => new Promise<undefined>((resolve) => setTimeout(resolve, 20)),
      );
      if (status !== undefined) seen.add(status);
    }
    expect([...seen].sort()).toEqual([200, 503]);
    await (await ready).kill();
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
    ['settings that are not JSON', () => ({ MEDSAM_CONFIG: broken }), /MEDSAM_CONFIG .*broken\.json.*JSON/],
  ])('refuses %s and says what to do', async (_what, env, text) => {
    const { code, said } = await failToStart(env());
    expect(code).toBe(1);
    expect(said).toMatch(text);
    expect(said).not.toMatch(/ {4}at /);
  });
});
