import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@ohif-medsam/protocol';
import lockfile from 'proper-lockfile';
import { writeRefusal } from './disk.ts';

export interface ModelFolders {
  /** The project's own, or the one that the settings name: never changed. */
  readonly embedded: string;
  /** Made like it, in the state folder. */
  readonly installed: string;
}

/** Where published weights are kept until they are converted. */
export const downloadsOf = ({ installed }: ModelFolders): string => join(installed, 'downloads');

/**
 * Changes the folder of installed models: two commands at once would remove each other's files. The server reads without
 * asking: whatever it may see at any moment is whole.
 * @throws AppError `input-invalid` if another command is at it, `state-unwritable`
 */
export async function changeModels<T>(installed: string, change: () => Promise<T>): Promise<T> {
  try {
    for (const name of ['cards', 'weights', 'downloads']) await mkdir(join(installed, name), { recursive: true });
    const release = await lockfile.lock(installed, { lockfilePath: join(installed, 'models.lock') });
    try {
      return await change();
    } finally {
      await release();
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ELOCKED')
      throw new AppError('input-invalid', 'Another command is changing the models: wait until it is done.');
    throw writeRefusal(error, installed) ?? error;
  }
}
