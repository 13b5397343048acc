import { AppError } from '@ohif-medsam/protocol';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import lockfile from 'proper-lockfile';

/** Everything that a server keeps, in one folder (MEDSAM_DATA), for one server at a time. */
export interface StateFolder {
  /** The embedded Postgres with the documents. */
  readonly documents: string;
  /** DICOM files of the embedded archive. */
  readonly archive: string;
  release(): Promise<void>;
}

/** The holder of the lock touches it this often. */
const RENEW_MS = 1_000;
/** A lock that was not touched for this long belongs to a server that is gone, or hangs. */
const STALE_MS = 10_000;
const RETRY_MS = 250;

/**
 * Makes the folder if it is missing and takes it for this process.
 * @param onLost - Called when another server took the folder because this process hung for longer than 10 s: stop writing.
 * @throws AppError `state-unwritable`; `state-locked` if another server uses the folder. The lock of a server that was killed is
 *   taken over: within 2 s where its process is seen to be gone, else (another host or container) within 11 s.
 */
export async function openStateFolder(folder: string, onLost: () => void): Promise<StateFolder> {
  const [documents, archive] = [join(folder, 'documents'), join(folder, 'archive')];
  try {
    await mkdir(documents, { recursive: true });
    await mkdir(archive, { recursive: true });
    await probe(folder);
    const release = await lock(folder, onLost);
    await writeFile(ownerFile(folder), JSON.stringify({ pid: process.pid, host: hostname() } satisfies Owner));
    return { documents, archive, release };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('state-unwritable', `It is ${folder}.`, { cause: error });
  }
}

/** Making a folder that exists succeeds on a full or read-only disk; writing does not. */
async function probe(folder: string): Promise<void> {
  const file = join(folder, `probe-${String(process.pid)}`);
  await writeFile(file, 'x');
  await rm(file);
}

/** Waits until the lock is free or its holder has shown that it lives. */
async function lock(folder: string, onLost: () => void): Promise<() => Promise<void>> {
  const lockfilePath = join(folder, 'server.lock');
  let firstSeen: number | undefined;
  for (;;) {
    try {
      return await lockfile.lock(folder, { lockfilePath, stale: STALE_MS, update: RENEW_MS, onCompromised: onLost });
    } catch (error) {
      if (codeOf(error) !== 'ELOCKED') throw error;
      const touched = await stat(lockfilePath).then(
        ({ mtimeMs }) => mtimeMs,
        () => undefined,
      );
      firstSeen ??= touched;
      if (touched !== firstSeen) throw new AppError('state-locked', `It is ${folder}.`, { cause: error });
      const renewalDue = touched !== undefined && Date.now() - touched > RENEW_MS;
      if (renewalDue && (await ownerIsGone(folder))) await rm(lockfilePath, { recursive: true, force: true });
    }
    await sleep(RETRY_MS);
  }
}

interface Owner {
  readonly pid: number;
  readonly host: string;
}

const ownerFile = (folder: string) => join(folder, 'server.json');

/** Whether the server that took the folder last ran on this machine and is gone. */
async function ownerIsGone(folder: string): Promise<boolean> {
  try {
    const { pid, host } = JSON.parse(await readFile(ownerFile(folder), 'utf8')) as Owner;
    return host === hostname() && !isAlive(pid);
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);
