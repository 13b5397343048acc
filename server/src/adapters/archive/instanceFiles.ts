import { open, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '@ohif-medsam/protocol';
import type { DicomJson, InstanceName } from '../../ports/archive.ts';
import { textOf } from '../../ports/dicomJson.ts';
import { bulkRanges, type BulkRanges } from '../dicom/bulkRanges.ts';
import { readPart10 } from '../dicom/readPart10.ts';

/** What is kept beside each file, so that neither metadata nor a frame needs the file parsed again. */
export interface InstanceRecord extends BulkRanges {
  /** Raised when the fields change: older records are written again from their file. */
  readonly version: 2;
  readonly transferSyntaxUid: string;
  readonly header: DicomJson;
}

const UID = /^[0-9.]{1,64}$/;
/** UIDs become file names: nothing else may. */
export const isUid = (text: string): boolean => UID.test(text) && text !== '.' && text !== '..';

/** @throws AppError `dicom-invalid` */
export function describeFile(file: Uint8Array): InstanceRecord {
  const part10 = readPart10(file);
  const { header, transferSyntaxUid } = part10;
  // DICOM JSON is UTF-8 whatever the file was written in (PS3.18 F.2); what can be transferred is told apart from it.
  const told = {
    '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
    '00083002': { vr: 'UI', Value: [transferSyntaxUid] },
  };
  return { version: 2, transferSyntaxUid, header: { ...header, ...told }, ...bulkRanges(part10) };
}

/** @throws AppError `dicom-invalid` where the file does not say which study, series and instance it is. */
export function nameOf(header: DicomJson): InstanceName {
  const [studyUid, seriesUid, sopInstanceUid] = ['0020000D', '0020000E', '00080018'].map(
    (tag) => textOf(header, tag) ?? '',
  );
  for (const uid of [studyUid, seriesUid, sopInstanceUid])
    if (!isUid(uid ?? ''))
      throw new AppError('dicom-invalid', 'Its study, series or SOP instance UID is missing or malformed.');
  return { studyUid: studyUid ?? '', seriesUid: seriesUid ?? '', sopInstanceUid: sopInstanceUid ?? '' };
}

/** `<root>/<study>/<series>/<instance>.dcm`, and its record as `.json`. */
export class InstanceFiles {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  path({ studyUid, seriesUid, sopInstanceUid }: InstanceName): string {
    return join(this.#root, studyUid, seriesUid, `${sopInstanceUid}.dcm`);
  }

  /** A crash leaves the whole file or nothing; a missing record is made again by {@link record}. */
  async write(name: InstanceName, file: Uint8Array, record: InstanceRecord): Promise<void> {
    const path = this.path(name);
    await mkdir(dirname(path), { recursive: true });
    await writeAtomically(path, file);
    await keepRecord(path, record);
  }

  /** @throws AppError `dicom-invalid` if the record is lost and the file cannot be read (any more). */
  async record(name: InstanceName): Promise<InstanceRecord> {
    const path = this.path(name);
    const kept = await readRecord(recordPath(path));
    if (kept) return kept;
    const record = describeFile(await readFile(path));
    await keepRecord(path, record);
    return record;
  }

  async *names(): AsyncGenerator<InstanceName> {
    for (const studyUid of await list(this.#root))
      for (const seriesUid of await list(join(this.#root, studyUid)))
        for (const name of await list(join(this.#root, studyUid, seriesUid)))
          if (name.endsWith('.dcm')) yield { studyUid, seriesUid, sopInstanceUid: name.slice(0, -'.dcm'.length) };
  }
}

const recordPath = (path: string): string => path.replace(/\.dcm$/, '.json');

async function readRecord(path: string): Promise<InstanceRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(path, 'utf8')) as InstanceRecord;
    return record.version === 2 ? record : undefined;
  } catch {
    return undefined;
  }
}

async function list(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter(({ name }) => !name.startsWith('.')).map(({ name }) => name);
}

/** Best effort, and without waiting for the disk, unlike the file: a record that is lost is made again. */
const keepRecord = (path: string, record: InstanceRecord): Promise<void> =>
  writeFile(recordPath(path), JSON.stringify(record)).catch(() => undefined);

async function writeAtomically(path: string, content: Uint8Array): Promise<void> {
  const unfinished = `${path}.part`;
  const handle = await open(unfinished, 'w');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  await rename(unfinished, path);
}
