import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planeKeyOf, type PropagationProgress, type SliceWanted } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Page } from '../support/page.ts';
import { withSegment } from '../support/promptedPage.ts';
import { startServerProcess, type ServerProcess } from '../support/serverProcess.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

// Some 650 slices, one by one.
vi.setConfig({ testTimeout: 300_000 });

const SLICES = 1_000;
/** A fifteenth of the series. */
const sliceCacheBytes = 1024 * 1024;

/** By the object itself, and not by slices that are missing. */
const AT_ITS_END = expect.stringMatching(/^object-/) as string;

let folder: string;
let server: ServerProcess;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medsam-long-'));
  const config = join(folder, 'config.json');
  const archive = { kind: 'embedded', demoStudy: false };
  await writeFile(config, JSON.stringify({ archive, limits: { sliceCacheBytes } }));
  server = await startServerProcess({ MEDSAM_DATA: join(folder, 'data'), MEDSAM_CONFIG: config });
});
afterAll(async () => {
  await server.kill();
  await rm(folder, { recursive: true, force: true });
});

async function sliceBytes(): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^medsam_slice_store_bytes (\S+)$/m.exec(text)?.[1]);
}

it('of a thousand slices opens, is prompted and propagated through, within the memory that slices may take', async () => {
  const series = new SyntheticSeries(90, SLICES);
  const page = await Page.open(server.url);
  expect((await page.openSeries(series.opening)).frames).toHaveLength(SLICES);
  const { prompt, propagation, masks } = await withSegment(page, series);
  await page.get('slice:put', series.put(SLICES / 2));
  expect((await page.get('prompt:segment', prompt())).pixels).toBeGreaterThan(100);

  const numbers = new Map(series.frames.map((_, k) => [planeKeyOf(series.plane(k)), k]));
  const held: number[] = [];
  page.socket.on('slice:wanted', ({ planes }: SliceWanted) => {
    for (const plane of planes) page.socket.emit('slice:put', series.put(numbers.get(planeKeyOf(plane)) ?? -1));
  });
  page.socket.on('propagation:progress', ({ done }: PropagationProgress) => {
    if (done % 50 === 0) void sliceBytes().then((bytes) => held.push(bytes));
  });
  const ended = page.next('propagation:ended');
  await page.get('propagation:start', propagation());
  const end = await ended;
  expect(end).toMatchObject({ forward: AT_ITS_END, backward: AT_ITS_END });
  // The object spans two thirds of the series; at its tips it is a pixel wide.
  expect(end.planes).toBeGreaterThan(600);
  expect(Object.keys(masks())).toHaveLength(end.planes + 1);
  expect(held.length).toBeGreaterThan(5);
  expect(Math.max(...held)).toBeGreaterThan(sliceCacheBytes / 2);
  expect(Math.max(...held)).toBeLessThanOrEqual(sliceCacheBytes);

  // What was pushed first had to go, and comes again when it is needed.
  const { code } = await page.refusal('prompt:segment', prompt());
  expect(code).toBe('slice-missing');
  await page.get('slice:put', series.put(SLICES / 2));
  expect((await page.get('prompt:segment', prompt())).pixels).toBeGreaterThan(100);
  page.close();
});
