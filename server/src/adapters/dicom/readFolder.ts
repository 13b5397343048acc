import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { AppError } from '@ohif-medsam/protocol';
import type { DicomJson } from '../../ports/archive.ts';
import { readPart10 } from './readPart10.ts';

/** An instance found in a folder. Its pixels stay in the file until they are asked for. */
export interface FolderInstance {
  readonly path: string;
  readonly header: DicomJson;
}

/**
 * Reads the headers of all DICOM files below a folder; other files are passed over.
 * @throws AppError `input-invalid` if there is no such folder or no DICOM file in it; `dicom-invalid`, naming the file, if one
 *   is damaged: a series with a gap where it was would be segmented wrong.
 */
export async function readFolder(folder: string): Promise<FolderInstance[]> {
  if (!(await stat(folder).catch(() => undefined))?.isDirectory())
    throw new AppError('input-invalid', `There is no folder ${folder}.`);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const instances: FolderInstance[] = [];
  for (const path of paths.sort()) if (await looksLikeDicom(path)) instances.push(await readInstance(folder, path));
  if (instances.length === 0)
    throw new AppError('input-invalid', `${folder} holds no DICOM file among its ${String(paths.length)} files.`);
  return instances;
}

async function readInstance(folder: string, path: string): Promise<FolderInstance> {
  try {
    return { path, header: readPart10(await readFile(path)).header };
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    throw new AppError(cause.code, `${relative(folder, path)}: ${cause.detail ?? ''}`, { cause });
  }
}

/** A directory of a medium (PS3.3 annex F) is DICOM, but no instance. */
async function looksLikeDicom(path: string): Promise<boolean> {
  if (basename(path) === 'DICOMDIR') return false;
  if (path.toLowerCase().endsWith('.dcm')) return true;
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 128);
    return buffer.toString('latin1') === 'DICM';
  } finally {
    await file.close();
  }
}
