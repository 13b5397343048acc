import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PropagationEnded } from '@ohif-medsam/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Page } from '../support/page.ts';
import { withSegment, type PromptedPage } from '../support/promptedPage.ts';
import { openPushingPage, type PushingPage } from '../support/pushingPage.ts';
import { startServerProcess, type ServerProcess } from '../support/serverProcess.ts';
import { openShapedLink, type LinkShape, type ShapedLink } from '../support/shapedLink.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

// Megabytes pass through a thin link.
vi.setConfig({ testTimeout: 120_000 });

const SCALE = 4;
const SLICES = 30;
/** A slice has 245 KB: four of them a second. */
const SLOW = { delayMs: 40, bytesPerSecond: 1_000_000 };
const FAST = { delayMs: 5, bytesPerSecond: 10_000_000 };
/** What it takes to push the dozen slices each way that a propagation asks for is longer. */
const SHORT_WAIT = { slicePushTimeoutMs: 2_000 };

let folder: string;
let server: ServerProcess;
let link: ShapedLink;
let count = 70;
async function serve(limits: object): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'medsam-link-'));
  const config = join(folder, 'config.json');
  await writeFile(config, JSON.stringify({ archive: { kind: 'embedded', demoStudy: false }, limits }));
  server = await startServerProcess({ MEDSAM_DATA: join(folder, 'data'), MEDSAM_CONFIG: config });
}
async function stop(): Promise<void> {
  await server.kill();
  await rm(folder, { recursive: true, force: true });
}

let series: SyntheticSeries;
/** Far away, with the viewer's own connection. */
let far: PushingPage;
/** In the same house, with nothing to push; its segment is the one that is worked on. */
let colleague: PromptedPage;
async function open(shape: LinkShape): Promise<void> {
  series = new SyntheticSeries(count++, SLICES, SCALE);
  link = await openShapedLink(server.url, shape);
  far = await openPushingPage(link.url, series);
  const page = await Page.open(server.url, 'Bob');
  await page.openSeries(series.opening);
  colleague = await withSegment(page, series);
}
afterEach(async () => {
  far.close();
  colleague.page.close();
  await link.close();
});

const boxOn = async (k: number) => {
  const { box, ...prompt } = colleague.prompt(k);
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = box.map((edge) => edge * SCALE);
  return far.slices.using(series.plane(k), (sliceHash) =>
    far.server.request('prompt:segment', { ...prompt, sliceHash, box: [x0, y0, x1, y1] }),
  );
};

/** Of a propagation from the middle that the far page asks for. */
async function propagating(): Promise<{ ended: Promise<PropagationEnded> }> {
  await boxOn(SLICES / 2);
  const start = colleague.propagation();
  const ended = colleague.page.next('propagation:ended', ({ propagationId }) => propagationId === start.propagationId);
  await far.server.request('propagation:start', start);
  return { ended };
}

/** That it came to no end of the object itself would mean that slices were missed. */
const AT_ITS_END = expect.stringMatching(/^object-/) as string;

describe('over a slow link', () => {
  beforeAll(() => serve(SHORT_WAIT));
  afterAll(stop);
  beforeEach(() => open(SLOW));

  it('boxes get through while the series is being pushed', async () => {
    far.slices.look(series.plane(0));
    for (const k of [0, 9, 15, 21]) {
      const before = far.answered.filter((name) => name === 'slice:put').length;
      expect((await boxOn(k)).revision).toBeGreaterThan(0);
      const pushed = far.answered.filter((name) => name === 'slice:put').length - before;
      expect(pushed, 'slices between a box and its mask, its own among them').toBeLessThan(8);
    }
    expect(far.answered.filter((name) => name === 'slice:put').length).toBeLessThan(SLICES);
  });

  it('a propagation waits for the slices that are on their way', async () => {
    const { ended } = await propagating();
    expect(await ended).toMatchObject({ forward: AT_ITS_END, backward: AT_ITS_END });
    expect(Object.keys(colleague.masks()).length).toBeGreaterThan(SLICES / 2);
  });
});

describe('a connection that is lost', () => {
  beforeAll(() => serve({}));
  afterAll(stop);
  beforeEach(() => open(FAST));

  it('in the middle of a propagation: the slices come over the next one, and so do the masks that were missed', async () => {
    const { ended } = await propagating();
    await colleague.page.next('propagation:progress');
    const opened = far.reopened();
    link.cut();
    const { document } = await opened;
    const changed: number[] = [];
    far.server.on('document:changed', ({ revision }) => void changed.push(revision));
    expect(await ended).toMatchObject({ forward: AT_ITS_END, backward: AT_ITS_END });
    const last = colleague.page.last?.revision ?? 0;
    await expect.poll(() => changed.at(-1)).toBe(last);
    // Not one is left out between the document that it was given and the last change.
    expect(changed).toEqual(Array.from({ length: last - document.revision }, (_, n) => document.revision + n + 1));
  });

  it('without a word: the slices come over the next one, while the server does not know that the first is gone', async () => {
    const { ended } = await propagating();
    await colleague.page.next('propagation:progress');
    link.hang();
    const opened = far.reopened();
    far.reconnect();
    expect((await opened).participants.map(({ name }) => name).sort()).toEqual(['Ada', 'Ada', 'Bob']);
    expect(await ended).toMatchObject({ forward: AT_ITS_END, backward: AT_ITS_END });
  });
});
