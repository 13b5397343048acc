import { AppError } from '@ohif-medsam/protocol';
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFolder } from './folderLock.ts';

/** Everything that a server keeps, in one folder (MEDSAM_DATA), for one server at a time. */
export interface StateFolder {
  /** The embedded Postgres with the documents. */
  readonly documents: string;
  /** DICOM files of the embedded archive. */
  readonly archive: string;
  release(): Promise<void>;
}

/**
 * Makes the folder if it is missing and takes it for this process.
 * @param onLost - Called when another server took the folder because this process hung for longer than 10 s: stop writing.
 *   A disk that cannot be written any more is no such case: the folder is still this server's.
 * @throws AppError `state-unwritable`; `state-locked` if another server uses the folder. The lock of a server that was killed is
 *   taken over: within 2 s where its process is seen to be gone, else (another host or container) within 11 s.
 */
export async function openStateFolder(folder: string, onLost: () => void): Promise<StateFolder> {
  const [documents, archive] = [join(folder, 'documents'), join(folder, 'archive')];
  try {
    await mkdir(documents, { recursive: true });
    await mkdir(archive, { recursive: true });
    await probe(folder);
    const release = await lockFolder(folder, onLost);
    return { documents, archive, release };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('state-unwritable', `It is ${folder}.`, { cause: error });
  }
}

/** Making a folder that exists succeeds on a full or read-only disk; writing does not. */
async function probe(folder: string): Promise<void> {
  const file = join(folder, `probe-${randomUUID()}`);
  await writeFile(file, 'x');
  await rm(file);
}
