/** Set MEDSAM_MANY_PROMPTS=10000 for the long run with the project's own model: a few minutes on two idle cores. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeModelFolder } from '../../server/src/adapters/onnx/fixtures/modelFolder.ts';
import { engineOf } from '../support/engineOf.ts';
import { openPrompted } from '../support/promptedPage.ts';
import { startServerProcess, type ServerProcess } from '../support/serverProcess.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

const LONG = process.env['MEDSAM_MANY_PROMPTS'];
const PROMPTS = Number(LONG ?? 2_000);
/** Until then caches fill, code is compiled, and the history of the document reaches its length of 500 steps. */
const WARM = 1_000;
/** Between two looks at the memory. */
const STRIDE = 50;
/** Boxes under way, as of a few people: the engine never rests. */
const AT_ONCE = 4;
/** Of the least memory after {@link WARM} boxes, in so many looks: at any one of them garbage may be waiting. */
const MOST_GROWTH = 1.1;
const LOOKS = 10;

const series = new SyntheticSeries(60, 20);

let folder: string;
let modelsFolder: string;
let server: ServerProcess;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medsam-many-'));
  modelsFolder = await makeModelFolder('bright');
  const config = join(folder, 'config.json');
  const models = LONG === undefined ? { folder: modelsFolder, default: 'bright' } : {};
  await writeFile(config, JSON.stringify({ archive: { kind: 'embedded', demoStudy: false }, models }));
  server = await startServerProcess({ MEDSAM_DATA: join(folder, 'data'), MEDSAM_CONFIG: config });
});
afterAll(async () => {
  await server.kill();
  for (const made of [folder, modelsFolder]) await rm(made, { recursive: true, force: true });
});

/** Resident memory of a process in MB. */
const memoryOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1]) / 1024;

it.runIf(process.platform === 'linux')(
  'boxes in a row leave the memory of server and engine as it was',
  async () => {
    const { page, prompt } = await openPrompted(server.url, series);
    const { pid: engine } = await engineOf(server);
    // As of people who draw boxes and drag them on: a document holds 2,000 boxes at most.
    const boxes = Array.from({ length: 60 }, (_, n) => prompt(4 + (n % 12)));
    const memory: { readonly server: number; readonly engine: number }[] = [];
    let next = 0;
    const draw = async () => {
      for (let n = next++; n < PROMPTS; n = next++) {
        const [x, y] = [n % 7, n % 11];
        const box = boxes[n % boxes.length] ?? prompt();
        await page.get('prompt:segment', { ...box, box: [28 - x, 22 - y, 72 + x, 54 + y] });
        if (n % STRIDE === 0) memory.push({ server: memoryOf(server.child.pid ?? 0), engine: memoryOf(engine) });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, draw));
    expect((await engineOf(server)).pid, 'the engine that it began with').toBe(engine);
    const warm = memory.slice(WARM / STRIDE, WARM / STRIDE + LOOKS);
    const late = memory.slice(-LOOKS);
    for (const of of ['server', 'engine'] as const) {
      const [before = NaN, after = NaN] = [warm, late].map((looks) => Math.min(...looks.map((look) => look[of])));
      expect(after / before, `${of}: ${String(before)} MB, then ${String(after)}`).toBeLessThan(MOST_GROWTH);
    }
    page.close();
  },
  PROMPTS * 500,
);
