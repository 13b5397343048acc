import { AppError } from '@ohif-medsam/protocol';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import lockfile from 'proper-lockfile';

const LOCK = 'server.lock';
const CLAIM = 'server.lock.claim-';
/** The holder of the lock touches it this often. */
const RENEW_MS = 1_000;
/** A lock that was not touched for this long belongs to a server that is gone, or hangs. */
const STALE_MS = 10_000;
const RETRY_MS = 250;

/**
 * Waits until the lock is free or its holder has shown that it lives. The library never calls a lock stale: it would take
 * one over by removing what is there, also the lock that another server has just taken in its place, and it would give up
 * its own on a disk that cannot be written for a while, although nobody else has the folder then.
 */
export async function lockFolder(folder: string, onLost: () => void, staleMs = STALE_MS): Promise<() => Promise<void>> {
  const release = await lock(folder, onLost, staleMs);
  await removeClaims(folder);
  await writeFile(ownerFile(folder), JSON.stringify({ pid: process.pid, host: hostname() } satisfies Owner));
  return release;
}

async function lock(folder: string, onLost: () => void, staleMs: number): Promise<() => Promise<void>> {
  const lockfilePath = join(folder, LOCK);
  let firstSeen: number | undefined;
  for (;;) {
    try {
      return await lockfile.lock(folder, { lockfilePath, stale: Infinity, update: RENEW_MS, onCompromised: onLost });
    } catch (error) {
      if (codeOf(error) !== 'ELOCKED') throw error;
      const touched = await touchedAt(lockfilePath);
      firstSeen ??= touched;
      if (touched !== firstSeen) throw new AppError('state-locked', `It is ${folder}.`, { cause: error });
      const ageMs = touched === undefined ? 0 : Date.now() - touched;
      if (touched !== undefined && (ageMs > staleMs || (ageMs > RENEW_MS && (await ownerIsGone(folder)))))
        await removeAbandoned(folder, touched);
    }
    await sleep(RETRY_MS);
  }
}

/**
 * Removes an abandoned lock, but never the one that another server has put in its place: of all servers that saw the same
 * lock one gets the claim to it, and looks again.
 * @param touched - When the abandoned lock was touched last, in milliseconds; tells it from its successor.
 */
export async function removeAbandoned(folder: string, touched: number): Promise<void> {
  const claim = join(folder, `${CLAIM}${String(touched)}`);
  try {
    await mkdir(claim);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    // Whoever had the claim was killed over it.
    if (Date.now() - ((await touchedAt(claim)) ?? Infinity) > STALE_MS)
      await rm(claim, { recursive: true, force: true });
    return;
  }
  const path = join(folder, LOCK);
  if ((await touchedAt(path)) === touched) await rm(path, { recursive: true, force: true });
}

/** Whoever has the lock removes the claims: who claims its predecessor from now on sees that it is gone. */
async function removeClaims(folder: string): Promise<void> {
  const claims = (await readdir(folder)).filter((name) => name.startsWith(CLAIM));
  await Promise.all(claims.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

const touchedAt = (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );

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
