import { rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EmbeddedArchive } from '../../server/src/adapters/archive/embeddedArchive.ts';
import { tinySeries } from '../../server/src/adapters/dicomweb/fixtures.ts';
import { openDocumentStore } from '../../server/src/adapters/postgres/postgresDocumentStore.ts';
import { lockFolder } from '../../server/src/adapters/folderLock.ts';
import { openStateFolder } from '../../server/src/adapters/stateFolder.ts';
import type { JournalEntry } from '../../server/src/ports/documentStore.ts';
import { describeWith } from '../conformance/tools.ts';
import { disks, makeDisk, type Disk } from '../support/disk.ts';

const SERIES = '1.2.3';
const entry = (revision: number, body: unknown): JournalEntry => ({
  revision,
  operationId: 'operation',
  author: 'author',
  at: '2026-01-02T03:04:05Z',
  body,
});
const noise = (length: number) => Array.from({ length }, () => Math.floor(Math.random() * 1e6));

describeWith([disks], 'on a disk of its own', () => {
  let disk: Disk;
  beforeEach(async () => void (disk = await makeDisk(120)));
  afterEach(() => disk.remove());

  it('a state folder that cannot be written is refused', async () => {
    disk.turnReadOnly();
    await expect(openStateFolder(join(disk.folder), () => undefined)).rejects.toMatchObject({
      code: 'state-unwritable',
    });
  });

  it('a folder stays with its server when it cannot be written for a while: nobody else has it', async () => {
    const staleMs = 2_000;
    let lost = 0;
    const release = await lockFolder(disk.folder, () => lost++, staleMs);
    disk.turnReadOnly();
    await sleep(staleMs + 1_500);
    expect(lost).toBe(0);
    disk.turnWritable();
    // Until it is touched again.
    await sleep(1_500);
    const second = lockFolder(disk.folder, () => undefined, staleMs);
    await expect(second).rejects.toMatchObject({ code: 'state-locked' });
    await release();
    expect(lost).toBe(0);
  });

  it('the embedded archive refuses what it cannot write, says why, and takes it when it can again', async () => {
    const archive = await EmbeddedArchive.open(join(disk.folder, 'archive'));
    const [file] = tinySeries(1);
    if (!file) throw new Error('no file');
    disk.turnReadOnly();
    expect(await archive.store(file.name.studyUid, [file.bytes])).toMatchObject([
      { stored: false, reason: expect.stringContaining('cannot write') as string },
    ]);
    disk.turnWritable();
    expect(await archive.store(file.name.studyUid, [file.bytes])).toMatchObject([{ stored: true }]);
  });

  it('[DS-10] the document store says that it is full, keeps what it had, and goes on when there is room again', async () => {
    const folder = join(disk.folder, 'documents');
    const store = await openDocumentStore({ folder });
    await store.append(SERIES, [entry(1, 'before')]);
    const { bavail, bsize } = await statfs(disk.folder);
    await writeFile(join(disk.folder, 'ballast'), Buffer.alloc(Math.max(0, bavail * bsize - 1_000_000)));
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
    await rm(join(disk.folder, 'ballast'));
    await store.append(SERIES, [entry(last + 1, 'after')]);
    await store.close();
    const again = await openDocumentStore({ folder });
    expect((await again.load(SERIES)).entries.map(({ revision }) => revision)).toHaveLength(last + 1);
    await again.close();
  }, 60_000);
});
