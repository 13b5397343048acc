import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LESION } from '../support/lesion.ts';
import { Page } from '../support/page.ts';
import { startServerProcess } from '../support/serverProcess.ts';
import { benchSeries, promptOn, propagationFrom, type BenchSeries } from './benchSeries.ts';
import { quantile, type Section } from './section.ts';

const USERS = 4;
/** The machine may be busier now than a minute ago: one and four are measured in turns. */
const ROUNDS = 3;
const PROMPTS = 20;
/** Slices on either side of the middle: what a propagation goes through. */
const AROUND = 14;
/** Between the answer and the next box: quicker than anybody draws. */
const PAUSE_MS = 250;

/** A page of somebody who has a series of their own open. */
interface User {
  readonly page: Page;
  readonly series: BenchSeries;
  readonly segmentId: string;
}

/**
 * What a person notices of others: the time of a prompt with four people at once, each with a series of their own and one of them
 * propagating all the while, against that of one person alone in the same run; with pauses, and asking again at every answer.
 */
export const users: Section = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'medsam-bench-'));
  const config = join(folder, 'config.json');
  await writeFile(config, JSON.stringify({ archive: { kind: 'embedded', demoStudy: false }, log: 'error' }));
  const series = Array.from({ length: USERS }, (_, n) => benchSeries(10 + n, AROUND, n));
  const server = await startServerProcess({ MEDSAM_CONFIG: config, MEDSAM_DATA: folder });
  const everybody = await Promise.all(series.map(async (own) => enter(server.url, own)));
  try {
    const [one, two] = everybody;
    if (!one || !two) throw new RangeError('no users');
    const alone: number[] = [];
    const together: number[] = [];
    const hurried: number[] = [];
    let propagatedSlices = 0;
    for (let round = 0; round < ROUNDS; round++) {
      alone.push(...(await timePrompts(one, PAUSE_MS)));
      const stop = new AbortController();
      const propagating = propagateUntil(two, stop.signal);
      const all = async (pauseMs: number) =>
        (await Promise.all(everybody.map(async (user) => timePrompts(user, pauseMs)))).flat();
      together.push(...(await all(PAUSE_MS)));
      hurried.push(...(await all(0)));
      stop.abort();
      propagatedSlices += await propagating;
    }
    return {
      oneUserMsP50: quantile(alone, 0.5),
      oneUserMsP95: quantile(alone, 0.95),
      fourUsersMsP50: quantile(together, 0.5),
      fourUsersMsP95: quantile(together, 0.95),
      fourUsersRatioP95: quantile(together, 0.95) / quantile(alone, 0.95),
      fourHurriedUsersMsP95: quantile(hurried, 0.95),
      fourHurriedUsersRatioP95: quantile(hurried, 0.95) / quantile(alone, 0.95),
      propagatedSlicesMeanwhile: propagatedSlices,
    };
  } finally {
    for (const { page } of everybody) page.close();
    await server.kill();
    await rm(folder, { recursive: true });
  }
};

async function enter(url: string, series: BenchSeries): Promise<User> {
  const page = await Page.open(url);
  await page.openSeries(series.opening);
  for (const { message } of series.slices) await page.get('slice:put', message);
  return { page, series, segmentId: await addSegment(page, series) };
}

async function addSegment(page: Page, { opening: { seriesUid } }: BenchSeries): Promise<string> {
  const segmentId = randomUUID();
  const operation = { kind: 'segment:add', segmentId, ...LESION } as const;
  await page.get('document:apply', { seriesUid, operationId: randomUUID(), operation });
  return segmentId;
}

/** A box again and again, each a little different, so that none is answered with another's work. */
async function timePrompts({ page, series, segmentId }: User, pauseMs: number): Promise<number[]> {
  const times: number[] = [];
  const promptId = randomUUID();
  for (let n = 0; n < PROMPTS; n++) {
    const { box, ...prompt } = promptOn(series.middle, segmentId);
    const [x0, y0, x1, y1] = box;
    const start = performance.now();
    await page.get('prompt:segment', { ...prompt, promptId, box: [x0, y0, x1 + (n % 7), y1 + (n % 5)] });
    times.push(performance.now() - start);
    // People do not draw in step.
    if (pauseMs > 0) await sleep(pauseMs * (0.5 + Math.random()));
  }
  return times;
}

/** Propagates one object after the other until nobody wants it. @returns How many slices it came through. */
async function propagateUntil({ page, series }: User, stop: AbortSignal): Promise<number> {
  let slices = 0;
  while (!stop.aborted) {
    const segmentId = await addSegment(page, series);
    await page.get('prompt:segment', promptOn(series.middle, segmentId));
    const start = propagationFrom(series.middle, segmentId);
    const ended = page.next('propagation:ended', ({ propagationId }) => propagationId === start.propagationId);
    await page.get('propagation:start', start);
    slices += (await ended).planes;
  }
  return slices;
}
