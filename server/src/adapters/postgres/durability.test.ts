import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

  it('says that its folder cannot be made', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(openDocumentStore({ folder: join(folder, 'file', 'documents') })).rejects.toMatchObject({
      code: 'state-unwritable',
    });
  });
});
