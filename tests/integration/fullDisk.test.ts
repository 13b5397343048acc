import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LESION } from '../support/lesion.ts';
import { Page } from '../support/page.ts';
import { startServer, type RunningServer } from '../support/runningServer.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

const canMount = process.platform === 'linux' && process.getuid?.() === 0 && canRun('mount', ['--version']);

function canRun(command: string, args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const series = new SyntheticSeries(70, 40);
const { seriesUid } = series;

describe.runIf(canMount)('a server whose disk is full', () => {
  let disk: string;
  let server: RunningServer;
  beforeAll(async () => {
    disk = await mkdtemp(join(tmpdir(), 'medsam-full-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=120m', 'tmpfs', disk]);
    server = await startServer({ stateFolder: disk });
  });
  afterAll(async () => {
    await server.close();
    execFileSync('umount', [disk]);
    await rm(disk, { recursive: true });
  });

  it('says so, changes nothing, and goes on when there is room', async () => {
    const page = await Page.open(server.url);
    await page.openSeries(series.opening);
    const segmentId = randomUUID();
    const add = { kind: 'segment:add', segmentId, ...LESION } as const;
    await page.get('document:apply', { seriesUid, operationId: randomUUID(), operation: add });
    const ballast = join(disk, 'ballast');
    const { bavail, bsize } = await statfs(disk);
    await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - 500_000)));

    // Every second pixel: a mask of the most runs that there can be.
    const dense = Array.from({ length: 7_680 }, (_, n) => (n % 2 === 0 ? n : 1));
    const edits = series.frames.map((_, k) => ({ segmentId, frame: series.frame(k), add: dense, remove: [] }));
    const paint = () => ({
      seriesUid,
      operationId: randomUUID(),
      operation: { kind: 'mask:edit', edits } as const,
    });
    let refused: string | undefined;
    let before = await page.openSeries(series.opening);
    for (let n = 0; n < 50 && refused === undefined; n++) {
      before = await page.openSeries(series.opening);
      const answer = await page.ask('document:apply', paint());
      if (!answer.ok) refused = answer.error.code;
    }
    expect(refused).toBe('state-unwritable');
    const { document } = await page.openSeries(series.opening);
    expect(document.revision).toBe(before.document.revision);
    await rm(ballast);
    expect(await page.get('document:apply', paint())).toEqual({ revision: document.revision + 1 });
    page.close();
  });
});
