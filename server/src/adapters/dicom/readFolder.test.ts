import { copyFile, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { textOf } from '../../ports/dicomJson.ts';
import { readFolder } from './readFolder.ts';
import { writePart10 } from './writePart10.ts';

const instance = (uid: string, sopClass = '1.2.840.10008.5.1.4.1.1.7') =>
  writePart10({ '00080016': { vr: 'UI', Value: [sopClass] }, '00080018': { vr: 'UI', Value: [uid] } });

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medsam-folder-'));
  await writeFile(join(folder, '1.dcm'), instance('1.2.1'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const uids = async () => (await readFolder(folder)).map(({ header }) => textOf(header, '00080018'));

it('reads files without extension and in folders, and passes over what is no DICOM', async () => {
  await mkdir(join(folder, 'more'));
  await writeFile(join(folder, 'more', 'IM0001'), instance('1.2.2'));
  await writeFile(join(folder, 'readme.txt'), 'no image');
  await writeFile(join(folder, 'LICENSE'), 'no image');
  expect(await uids()).toEqual(['1.2.1', '1.2.2']);
});

it('follows links to files, as git-annex keeps them, and reads what they point to once', async () => {
  await mkdir(join(folder, '.git'));
  await writeFile(join(folder, '.git', 'object'), instance('1.2.2'));
  await symlink(join('.git', 'object'), join(folder, '2.dcm'));
  expect(await uids()).toEqual(['1.2.1', '1.2.2']);
  await rm(join(folder, '.git'), { recursive: true });
  await expect(readFolder(folder)).rejects.toMatchObject({
    code: 'input-invalid',
    detail: '2.dcm cannot be read: ENOENT.',
  });
});

it('passes over a directory of a medium in any spelling, and what macOS puts beside files', async () => {
  await writeFile(join(folder, 'dicomdir'), instance('1.2.9', '1.2.840.10008.1.3.10'));
  await writeFile(join(folder, '._1.dcm'), 'Mac OS X');
  expect(await uids()).toEqual(['1.2.1']);
});

it('names a file that was cut, also within its preamble and without an extension', async () => {
  const path = join(folder, 'IM0002');
  await writeFile(path, instance('1.2.2'));
  await truncate(path, 100);
  await expect(readFolder(folder)).rejects.toMatchObject({
    code: 'dicom-invalid',
    detail: expect.stringContaining('IM0002') as string,
  });
});

it('takes an exact copy once, and names two files that differ under one UID', async () => {
  await copyFile(join(folder, '1.dcm'), join(folder, 'copy.dcm'));
  expect(await uids()).toEqual(['1.2.1']);
  await writeFile(join(folder, 'copy.dcm'), instance('1.2.1', '1.2.840.10008.5.1.4.1.1.2'));
  await expect(readFolder(folder)).rejects.toMatchObject({
    code: 'series-mixed',
    detail: expect.stringMatching(/1\.dcm and copy\.dcm/) as string,
  });
});
