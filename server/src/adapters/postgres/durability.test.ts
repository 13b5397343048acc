import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
