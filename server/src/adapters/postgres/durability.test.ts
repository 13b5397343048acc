import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PgliteThread } from './pgliteThread.ts';
import { openDocumentStore } from './postgresDocumentStore.ts';

const SERIES = '1.2.3';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medsam-durability-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the embedded Postgres', () => {
  it('[DS-9] holds everything it acknowledged after kill -9, again and again', async () => {
    const database = join(folder, 'killed');
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const script = fileURLToPath(new URL('./fixtures/appendUntilKilled.ts', import.meta.url));
    for (let round = 0; round < 3; round++) {
      const series = `${SERIES}.${String(round)}`;
      const child = spawn(process.execPath, ['--import', tsx, script, database, series], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let acknowledged = 0;
      for await (const line of createInterface(child.stdout)) {
        acknowledged = Number(line);
        if (acknowledged === 70 + round * 17) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      expect(child.signalCode).toBe('SIGKILL');
      const store = await openDocumentStore({ folder: database });
      const { checkpoint, entries } = await store.load(series);
      await store.close();
      const covered = checkpoint?.revision ?? 0;
      expect(checkpoint?.state).toEqual({ upTo: covered });
      const revisions = entries.map(({ revision }) => revision);
      expect(revisions).toEqual(revisions.map((_, n) => covered + 1 + n));
      expect(covered + entries.length).toBeGreaterThanOrEqual(acknowledged);
      for (const { revision, body } of entries) expect(body).toMatchObject({ revision, runs: { length: 2_000 } });
    }
  }, 180_000);

  it('says that its files are damaged', async () => {
    const database = join(folder, 'killed');
    await truncate(join(database, 'global', 'pg_control'), 10);
    await expect(openDocumentStore({ folder: database })).rejects.toMatchObject({ code: 'state-corrupt' });
  });

  it('is recovered in time or says that it was not, which is no damage', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const opening = openDocumentStore({ folder: join(folder, 'slow') });
      const refused = expect(opening).rejects.toMatchObject({ code: 'state-timeout' });
      await vi.waitUntil(() => vi.getTimerCount() > 0);
      vi.runOnlyPendingTimers();
      await refused;
    } finally {
      vi.useRealTimers();
    }
  });

  it('[DS-12] needs disk for what it holds, not for all that was ever written', async () => {
    const database = join(folder, 'rewritten');
    const store = await openDocumentStore({ folder: database });
    for (let revision = 1; revision <= 200; revision++)
      await store.checkpoint(SERIES, revision, String(revision % 10).repeat(1_000_000));
    await store.close();
    const files = await readdir(database, { recursive: true, withFileTypes: true });
    const sizes = await Promise.all(
      files.filter((file) => file.isFile()).map(async (file) => (await stat(join(file.parentPath, file.name))).size),
    );
    // Empty it has 40 MB; then come 200, once in the table and once in the log.
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(320_000_000);
  }, 120_000);

  it.runIf(process.platform === 'linux')('leaves no thread behind when it cannot start', async () => {
    await writeFile(join(folder, 'no-folder'), '');
    const start = () => PgliteThread.start(join(folder, 'no-folder', 'documents'));
    const threads = () => readdirSync('/proc/self/task').length;
    // Helpers of the first one, such as those that compile, stay.
    await expect(start()).rejects.toThrow();
    const before = threads();
    for (let attempt = 0; attempt < 4; attempt++) await expect(start()).rejects.toThrow();
    expect(threads()).toBeLessThan(before + 4);
  });

  it('ends a database that hangs, so that it can be started again', async () => {
    const thread = await PgliteThread.start(join(folder, 'hangs'), 1_000);
    const endless = 'with recursive n as (select 1 union all select 1 from n) select count(*) from n';
    await expect(thread.query(endless, [])).rejects.toThrow(/did not answer/);
    expect(thread.dead).toBe(true);
    await expect(thread.query('select 1', [])).rejects.toThrow(/did not answer/);
  });

  it('says that its folder cannot be made', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(openDocumentStore({ folder: join(folder, 'file', 'documents') })).rejects.toMatchObject({
      code: 'state-unwritable',
    });
  });
});
