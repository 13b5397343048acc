import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, statfs, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../ports/documentStore.ts';
import { openDocumentStore } from './postgresDocumentStore.ts';

const SERIES = '1.2.3';
const entry = (revision: number, body: unknown): JournalEntry => ({
  revision,
  operationId: 'operation',
  author: 'author',
  at: '2026-01-02T03:04:05Z',
  body,
});
const noise = (length: number) => Array.from({ length }, () => Math.floor(Math.random() * 1e6));

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

const canMount = process.platform === 'linux' && process.getuid?.() === 0 && mounts('mount', ['--version']);

function mounts(command: string, args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.runIf(canMount)('on a small disk', () => {
  let disk: string;
  beforeAll(async () => {
    disk = join(folder, 'disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=120m', 'tmpfs', disk]);
  });
  afterAll(() => execFileSync('umount', [disk]));

  it('[DS-10] says that the disk is full, keeps what it had, and goes on when there is room again', async () => {
    const store = await openDocumentStore({ folder: join(disk, 'documents') });
    await store.append(SERIES, [entry(1, 'before')]);
    const { bavail, bsize } = await statfs(disk);
    await writeFile(join(disk, 'ballast'), Buffer.alloc(Math.max(0, bavail * bsize - 1_000_000)));
    let refused: unknown;
    let last = 1;
    for (; !refused && last < 20;) {
      await store.append(SERIES, [entry(last + 1, noise(100_000))]).then(
        () => last++,
        (error: unknown) => (refused = error),
      );
    }
    expect(refused).toMatchObject({ code: 'state-unwritable' });
    expect((await store.load(SERIES)).entries.map(({ revision }) => revision)).toEqual(
      Array.from({ length: last }, (_, n) => n + 1),
    );
    await rm(join(disk, 'ballast'));
    await store.append(SERIES, [entry(last + 1, 'after')]);
    await store.close();
    const again = await openDocumentStore({ folder: join(disk, 'documents') });
    expect((await again.load(SERIES)).entries.map(({ revision }) => revision)).toHaveLength(last + 1);
    await again.close();
  }, 60_000);
});
