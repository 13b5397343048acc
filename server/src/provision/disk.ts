import { statfs } from 'node:fs/promises';
import { AppError } from '@ohif-medsam/protocol';

const MEGABYTE = 1_000_000;
const WRITE_ERRORS = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EFBIG']);

/** Before minutes of work end at a full disk. @throws AppError `state-unwritable` saying how much is missing. */
export async function ensureSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free < bytes)
    throw new AppError('state-unwritable', `${folder} has ${megabytes(free)} free; ${megabytes(bytes)} are needed.`);
}

export const megabytes = (bytes: number): string => `${(bytes / MEGABYTE).toFixed(bytes < 10 * MEGABYTE ? 1 : 0)} MB`;

/** What the file system refused, as the user hears it; undefined for any other failure. */
export function writeRefusal(error: unknown, folder: string): AppError | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return WRITE_ERRORS.has(code)
    ? new AppError('state-unwritable', `Writing to ${folder} failed (${code}).`, { cause: error })
    : undefined;
}
