import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { frameKeyOf } from '@ohif-medsam/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Page } from '../support/page.ts';
import { openPrompted } from '../support/promptedPage.ts';
import { startServerProcess, type ServerProcess } from '../support/serverProcess.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

let folder: string;
let config: string;
let server: ServerProcess;
let series: SyntheticSeries;
let count = 50;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medsam-restart-'));
  config = join(folder, 'config.json');
  await writeFile(config, JSON.stringify({ archive: { kind: 'embedded', demoStudy: false } }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  series = new SyntheticSeries(count++, 60);
  server = await start();
});
afterEach(() => server.kill());

const start = () => startServerProcess({ MEDSAM_DATA: join(folder, 'data'), MEDSAM_CONFIG: config });

/** How the server ends. */
const ENDS = [
  ['is killed', async () => server.kill()],
  [
    'is stopped',
    async () => {
      server.child.kill('SIGTERM');
      await once(server.child, 'exit');
    },
  ],
] as const;

describe.each(ENDS)('a server that %s in the middle of a propagation', (_how, end) => {
  it('keeps every mask that anybody saw, and says how far it came', async () => {
    const { page, propagation, masks, segmentId } = await openPrompted(server.url, series);
    const asked = propagation();
    const fifth = page.next('propagation:progress', ({ done }) => done >= 5);
    await page.get('propagation:start', asked);
    await fifth;
    await end();
    page.close();
    const seen = masks();
    server = await start();

    const again = await Page.open(server.url, 'Ada', {}, {}, page.participantId);
    const { document, propagations, interrupted } = await again.openSeries(series.opening);
    const kept = new Map(document.cells.map(({ frame, runs }) => [frame, runs]));
    expect(Object.keys(seen).length).toBeGreaterThan(3);
    expect(Object.fromEntries(kept)).toMatchObject(seen);
    expect(propagations).toEqual([]);

    // All around the middle, from the farthest slice that way to the farthest this way.
    const places = series.frames.flatMap((frame, k) => (kept.has(frameKeyOf(frame)) ? [k] : []));
    expect(interrupted).toEqual([
      {
        seriesUid: series.seriesUid,
        propagationId: asked.propagationId,
        segmentId,
        planes: kept.size - 1,
        forward: 'interrupted',
        backward: 'interrupted',
        reached: { forward: series.plane(Math.max(...places)), backward: series.plane(Math.min(...places)) },
      },
    ]);

    // Propagated again to its end, nothing is left to say; it is the one step of history that it would have been.
    for (let k = 0; k < series.frames.length; k++) await again.get('slice:put', series.put(k));
    const ended = again.next('propagation:ended');
    await again.get('propagation:start', { ...asked, propagationId: randomUUID() });
    expect(await ended).not.toHaveProperty('error');
    const whole = await again.openSeries(series.opening);
    expect(whole.interrupted).toEqual([]);
    expect(whole.document.cells.length).toBeGreaterThan(30);
    again.close();
  });
});

it('a propagation that ended is not called interrupted after a restart', async () => {
  const { page, propagation } = await openPrompted(server.url, series);
  const ended = page.next('propagation:ended');
  await page.get('propagation:start', propagation());
  await ended;
  await server.kill();
  page.close();
  server = await start();
  const again = await Page.open(server.url);
  expect((await again.openSeries(series.opening)).interrupted).toEqual([]);
  again.close();
});
