import { open, readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { AppError } from '@ohif-medsam/protocol';
import dicomParser from 'dicom-parser';
import type { DicomJson } from '../../ports/archive.ts';
import { textOf } from '../../ports/dicomJson.ts';
import { readPart10 } from './readPart10.ts';

/** An instance found in a folder. Its pixels stay in the file until they are asked for. */
export interface FolderInstance {
  readonly path: string;
  readonly header: DicomJson;
}

/** Preamble and "DICM" (PS3.10 section 7.1). */
const PREAMBLE_BYTES = 128;
/** Directory of a medium (PS3.3 annex F): DICOM, but no instance, whatever its file is called. */
const MEDIA_STORAGE_DIRECTORY = '1.2.840.10008.1.3.10';

/**
 * Reads the headers of all DICOM files below a folder, links to files among them; other files are passed over, and so is what
 * is hidden: the store behind such links, and what macOS puts beside each file. Exact copies count once.
 * @throws AppError `input-invalid` if there is no such folder or no DICOM file in it, or it cannot be read; `dicom-invalid`,
 *   naming the file, if one is damaged: a series with a gap where it was would be segmented wrong; `series-mixed`, naming the
 *   files, if two of one SOP Instance UID differ.
 */
export async function readFolder(folder: string): Promise<FolderInstance[]> {
  if (!(await stat(folder).catch(() => undefined))?.isDirectory())
    throw new AppError('input-invalid', `There is no folder ${folder}.`);
  const paths = await filesBelow(folder);
  const instances = new Map<string, FolderInstance>();
  for (const path of paths) {
    const file = await legible(folder, path, dicomBytes(path));
    const header = file && headerOf(folder, path, file);
    if (!header) continue;
    const uid = textOf(header, '00080018') ?? '';
    const known = instances.get(uid);
    if (!known) instances.set(uid, { path, header });
    else if (!file.equals(await readFile(known.path)))
      throw new AppError(
        'series-mixed',
        `${relative(folder, known.path)} and ${relative(folder, path)} are different files of one SOP Instance UID.`,
      );
  }
  if (instances.size === 0)
    throw new AppError('input-invalid', `${folder} holds no DICOM file among its ${String(paths.length)} files.`);
  return [...instances.values()];
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await legible(folder, folder, readdir(folder, { recursive: true, withFileTypes: true }));
  const visible = (path: string) =>
    !relative(folder, path)
      .split(sep)
      .some((name) => name.startsWith('.'));
  const paths: string[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (!visible(path)) continue;
    // A link to a folder is not followed: it may lead back here.
    const isFile = entry.isSymbolicLink() ? (await legible(folder, path, stat(path))).isFile() : entry.isFile();
    if (isFile) paths.push(path);
  }
  return paths.sort();
}

/** Says which file the operating system refuses, or where a link leads nowhere. */
async function legible<T>(folder: string, path: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    throw new AppError('input-invalid', `${relative(folder, path) || folder} cannot be read: ${code}.`, { cause });
  }
}

/** The file, if it is DICOM by its name or its first bytes. */
async function dicomBytes(path: string): Promise<Buffer | undefined> {
  if (path.toLowerCase().endsWith('.dcm')) return readFile(path);
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(PREAMBLE_BYTES + 4), 0, PREAMBLE_BYTES + 4, 0);
    const start = buffer.subarray(0, bytesRead);
    // Scanners name files without extension: one that is cut within the zeros of its preamble is damaged, not something else.
    const isCut = bytesRead <= PREAMBLE_BYTES && !/^\.[a-z]/i.test(extname(path)) && start.every((byte) => byte === 0);
    return isCut || start.toString('latin1', PREAMBLE_BYTES) === 'DICM' ? await file.readFile() : undefined;
  } finally {
    await file.close();
  }
}

/** @returns undefined for a directory of a medium. */
function headerOf(folder: string, path: string, file: Buffer): DicomJson | undefined {
  try {
    return isDirectory(file) ? undefined : readPart10(file).header;
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    throw new AppError(cause.code, `${relative(folder, path)}: ${cause.detail ?? ''}`, { cause });
  }
}

function isDirectory(file: Buffer): boolean {
  try {
    const meta = dicomParser.readPart10Header(file, { untilTag: 'x00020003' });
    return meta.string('x00020002') === MEDIA_STORAGE_DIRECTORY;
  } catch {
    return false;
  }
}
