import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archiveContract } from '../dicomweb/archiveContract.ts';
import { FAILURE } from '../dicomweb/failureReasons.ts';
import { tinyFile, tinySeries } from '../dicomweb/fixtures.ts';
import { EmbeddedArchive } from './embeddedArchive.ts';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'medsam-archive-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the embedded archive, called directly', () => {
  let archive: EmbeddedArchive;
  beforeAll(async () => void (archive = await EmbeddedArchive.open(join(folder, 'direct'))));
  archiveContract(() => archive);

  it('never overwrites: other bytes under a known UID are refused, and the first ones stay', async () => {
    const [file] = tinySeries(1);
    if (!file) throw new Error('no file');
    await archive.store(file.name.studyUid, [file.bytes]);
    const changed = tinyFile(file.name, 7, {});
    expect(await archive.store(file.name.studyUid, [changed])).toMatchObject([
      { stored: false, reasonCode: FAILURE.duplicateInstance },
    ]);
    expect(Buffer.compare(await archive.instance(file.name), file.bytes)).toBe(0);
  });

  it('refuses what is not a whole DICOM file, and UIDs that would leave its folder', async () => {
    const [file] = tinySeries(1);
    if (!file) throw new Error('no file');
    const escaping = tinyFile({ ...file.name, seriesUid: '../../elsewhere' }, 0, {});
    for (const bad of [new Uint8Array(3000), file.bytes.subarray(0, 200), file.bytes.subarray(0, -10), escaping])
      expect(await archive.store(file.name.studyUid, [bad])).toMatchObject([
        { stored: false, reasonCode: FAILURE.cannotUnderstand },
      ]);
  });

  it('keeps each of many files that arrive at the same time, once', async () => {
    const files = tinySeries(20);
    const studyUid = files[0]?.name.studyUid ?? '';
    const outcomes = await Promise.all([...files, ...files].map(({ bytes }) => archive.store(studyUid, [bytes])));
    expect(outcomes.flat().every(({ stored }) => stored)).toBe(true);
    expect(archive.names({ studyUid })).toHaveLength(20);
  });
});

describe('the embedded archive after a restart', () => {
  it('has everything that was acknowledged, and nothing that was half written', async () => {
    const root = join(folder, 'restart');
    const [whole, cut] = tinySeries(2);
    if (!whole || !cut) throw new Error('no files');
    const before = await EmbeddedArchive.open(root);
    await before.store(whole.name.studyUid, [whole.bytes]);
    const series = join(root, whole.name.studyUid, whole.name.seriesUid);
    await writeFile(join(series, `${cut.name.sopInstanceUid}.dcm.part`), cut.bytes.subarray(0, 300));
    const after = await EmbeddedArchive.open(root);
    expect(after.names(whole.name)).toEqual([whole.name]);
    expect(await after.seriesMetadata(whole.name)).toEqual(await before.seriesMetadata(whole.name));
    expect(await after.store(cut.name.studyUid, [cut.bytes])).toMatchObject([{ stored: true }]);
  });

  it('makes a lost record again from its file, and names files that have become unreadable', async () => {
    const root = join(folder, 'damaged');
    const files = tinySeries(3);
    const [lost, damaged] = files;
    if (!lost || !damaged) throw new Error('no files');
    const before = await EmbeddedArchive.open(root);
    await before.store(
      lost.name.studyUid,
      files.map(({ bytes }) => bytes),
    );
    const series = join(root, lost.name.studyUid, lost.name.seriesUid);
    for (const { name } of [lost, damaged]) await rm(join(series, `${name.sopInstanceUid}.json`));
    await writeFile(join(series, `${damaged.name.sopInstanceUid}.dcm`), 'not DICOM any more');
    const after = await EmbeddedArchive.open(root);
    expect(after.unreadable).toEqual([damaged.name]);
    expect(await after.seriesMetadata(lost.name)).toHaveLength(2);
    expect(await readdir(series)).toContain(`${lost.name.sopInstanceUid}.json`);
    expect(await readFile(join(series, `${lost.name.sopInstanceUid}.dcm`))).toEqual(Buffer.from(lost.bytes));
  });
});
