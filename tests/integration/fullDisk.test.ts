import { randomUUID } from 'node:crypto';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../conformance/tools.ts';
import { disks, makeDisk } from '../support/disk.ts';
import { LESION } from '../support/lesion.ts';
import { Page } from '../support/page.ts';
import { startServer } from '../support/runningServer.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

const series = new SyntheticSeries(70, 40);
const { seriesUid } = series;

describeWith([disks], 'a server whose disk is full', () => {
  it('says so, changes nothing, and goes on when there is room', async () => {
    const disk = await makeDisk(120);
    onTestFinished(() => disk.remove());
    const server = await startServer({ stateFolder: disk.folder });
    onTestFinished(() => server.close());
    const page = await Page.open(server.url);
    await page.openSeries(series.opening);
    const segmentId = randomUUID();
    const add = { kind: 'segment:add', segmentId, ...LESION } as const;
    await page.get('document:apply', { seriesUid, operationId: randomUUID(), operation: add });
    const ballast = join(disk.folder, 'ballast');
    const { bavail, bsize } = await statfs(disk.folder);
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
