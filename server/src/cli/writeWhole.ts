/** Files that are there as a whole or not at all. */
import { access, constants, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AppError } from '@ohif-medsam/protocol';

/** Before hours of work. @throws AppError `input-invalid` if `path` is a folder, or nothing can be written beside it. */
export async function checkWritable(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) throw new AppError('input-invalid', `${path} cannot be written: it is a folder.`);
  await access(dirname(resolve(path)), constants.W_OK).catch((cause: unknown) => {
    throw new AppError('input-invalid', `${path} cannot be written.`, { cause });
  });
}

/** Writes all of the files, or leaves what there was. */
export async function writeWhole(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  const part = (path: string) => `${path}.${String(process.pid)}.part`;
  try {
    for (const [path, content] of Object.entries(files)) await writeFile(part(path), content);
    for (const path of Object.keys(files)) await rename(part(path), path);
  } finally {
    await Promise.all(Object.keys(files).map(async (path) => rm(part(path), { force: true })));
  }
}
