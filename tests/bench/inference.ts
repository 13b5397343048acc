import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LESION } from '../support/lesion.ts';
import { Page } from '../support/page.ts';
import { startServerProcess, type ServerProcess } from '../support/serverProcess.ts';
import { benchSeries, promptOn, propagationFrom, type BenchSlice } from './benchSeries.ts';
import { quantile, type Numbers, type Section } from './section.ts';

/** Slices on either side of the middle that are pushed. */
const AROUND = 14;
const WARM_PROMPTS = 40;

/** Box to mask and propagation over a real socket, with a 512 x 512 CT; the server is a process of its own. */
export const inference: Section = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'medsam-bench-'));
  const config = join(folder, 'config.json');
  await writeFile(config, JSON.stringify({ archive: { kind: 'embedded', demoStudy: false }, log: 'error' }));
  const server = await startServerProcess({ MEDSAM_CONFIG: config, MEDSAM_DATA: folder });
  const page = await Page.open(server.url);
  try {
    const { opening, slices, middle } = benchSeries(1, AROUND);
    const { seriesUid } = opening;
    const before = await memory(server);
    await page.openSeries(opening);
    const segmentId = randomUUID();
    const operation = { kind: 'segment:add', segmentId, ...LESION } as const;
    await page.get('document:apply', { seriesUid, operationId: randomUUID(), operation });
    const cold = await timeEach(slices, async (slice) => {
      await page.get('slice:put', slice.message);
      await page.get('prompt:segment', promptOn(slice, segmentId));
    });
    const warm = await timeEach(Array.from({ length: WARM_PROMPTS }), async () =>
      page.get('prompt:segment', promptOn(middle, segmentId)),
    );
    return {
      boxToMaskColdMsP50: quantile(cold, 0.5),
      boxToMaskColdMsP95: quantile(cold, 0.95),
      boxToMaskWarmMsP50: quantile(warm, 0.5),
      boxToMaskWarmMsP95: quantile(warm, 0.95),
      ...(await propagation(page, middle)),
      ...(await memoryAndLag(server, before)),
    };
  } finally {
    page.close();
    await server.kill();
    await rm(folder, { recursive: true });
  }
};

async function timeEach<T>(items: readonly T[], run: (item: T) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (const item of items) {
    const start = performance.now();
    await run(item);
    times.push(performance.now() - start);
  }
  return times;
}

async function propagation(page: Page, from: BenchSlice): Promise<Numbers> {
  const segmentId = randomUUID();
  const { seriesUid } = from.message;
  const operation = { kind: 'segment:add', segmentId, ...LESION } as const;
  await page.get('document:apply', { seriesUid, operationId: randomUUID(), operation });
  await page.get('prompt:segment', promptOn(from, segmentId));
  const start = performance.now();
  const ended = page.next('propagation:ended');
  await page.get('propagation:start', propagationFrom(from, segmentId));
  const { planes } = await ended;
  return { propagatedSlices: planes, propagatedSlicesPerSecond: planes / ((performance.now() - start) / 1000) };
}

interface Memory {
  readonly serverMb: number;
  readonly engineMb: number;
}

async function memory(server: ServerProcess): Promise<Memory> {
  const health = (await (await fetch(`${server.url}/health`)).json()) as { engines: { pid: number }[] };
  const rssMb = async (pid: number | undefined) => {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
    return Number(stdout) / 1024;
  };
  return { serverMb: await rssMb(server.child.pid), engineMb: await rssMb(health.engines[0]?.pid) };
}

/** How far apart the samples of prom-client's lag are: Node records how long it is since the last one, which a free event loop takes as well. */
const LAG_SAMPLES_MS = 10;

/** The lag is of the server's event loop, over the whole section. */
async function memoryAndLag(server: ServerProcess, before: Memory): Promise<Numbers> {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const lagMs = (name: string) =>
    Number(new RegExp(`^nodejs_eventloop_lag_${name}_seconds (\\S+)$`, 'm').exec(metrics)?.[1]) * 1000 - LAG_SAMPLES_MS;
  const after = await memory(server);
  return {
    serverIdleMb: before.serverMb,
    serverMb: after.serverMb,
    engineIdleMb: before.engineMb,
    engineMb: after.engineMb,
    eventLoopLagMsP50: lagMs('p50'),
    eventLoopLagMsP99: lagMs('p99'),
  };
}
