import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Page } from '../support/page.ts';
import { withSegment, type PromptedPage } from '../support/promptedPage.ts';
import { startServerProcess, type ServerProcess } from '../support/serverProcess.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

const series = new SyntheticSeries(80, 30);
/** Never comes, though it is asked for. */
const LOST = 18;

let folder: string;
let server: ServerProcess;
let page: Page;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medsam-missing-'));
  const config = join(folder, 'config.json');
  const limits = { slicePushTimeoutMs: 3_000 };
  await writeFile(config, JSON.stringify({ archive: { kind: 'embedded', demoStudy: false }, limits }));
  server = await startServerProcess({ MEDSAM_DATA: join(folder, 'data'), MEDSAM_CONFIG: config });
  page = await Page.open(server.url);
  await page.openSeries(series.opening);
  for (let k = 0; k < series.frames.length; k++) if (k !== LOST) await page.get('slice:put', series.put(k));
});
afterAll(async () => {
  page.close();
  await server.kill();
  await rm(folder, { recursive: true, force: true });
});

async function prompted(): Promise<PromptedPage> {
  const segment = await withSegment(page, series);
  await page.get('prompt:segment', segment.prompt());
  return segment;
}

const ended = (propagationId: string) => page.next('propagation:ended', (end) => end.propagationId === propagationId);

it('ends the way on which it is missing and says so, while the other way and other work go on', async () => {
  const [waiting, other] = [await prompted(), await prompted()];
  const asked: string[] = [];
  page.socket.on('slice:wanted', ({ planes }) => void asked.push(JSON.stringify(planes)));
  const start = waiting.propagation();
  const end = ended(start.propagationId);
  await page.get('propagation:start', start);
  // It waits by now, or soon; neither a box nor a propagation that needs other slices waits with it.
  const backward = { ...other.propagation(), direction: 'backward' } as const;
  const otherEnd = ended(backward.propagationId);
  await page.get('propagation:start', backward);
  expect((await page.get('prompt:segment', other.prompt(12))).pixels).toBeGreaterThan(100);
  expect(await otherEnd).toMatchObject({ forward: null, backward: 'object-ended' });
  expect(await end).toMatchObject({ forward: 'slice-missing', backward: 'object-ended' });
  expect(waiting.masks()).toHaveProperty([series.frame(LOST - 1)]);
  expect(waiting.masks()).not.toHaveProperty([series.frame(LOST)]);
  // More than once, since a push may fail.
  expect(asked.filter((planes) => planes.includes(series.frame(LOST))).length).toBeGreaterThan(1);

  // When it comes at last, the propagation goes on from where it stood.
  await page.get('slice:put', series.put(LOST));
  const again = waiting.propagation(LOST - 1);
  const atLast = ended(again.propagationId);
  await page.get('propagation:start', { ...again, direction: 'forward' });
  expect(await atLast).toMatchObject({ forward: 'object-ended' });
  expect(waiting.masks()).toHaveProperty([series.frame(LOST)]);
});
