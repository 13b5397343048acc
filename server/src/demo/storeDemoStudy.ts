import { fork } from 'node:child_process';
import { on } from 'node:events';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AppError } from '@ohif-medsam/protocol';
import type { Archive } from '../ports/archive.ts';
import { PHANTOM_SLICES } from './phantomSlice.ts';
import { PHANTOM_SERIES } from './phantomStudy.ts';

const MAX_PROCESSES = 4;
const DRAW = fileURLToPath(new URL('./drawPhantom.ts', import.meta.url));
/** By its full path: the folder the server was started in need not see the package. */
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/**
 * Puts the demonstration study into an archive that lacks it (or a part of it, after a start that was cut short). Slices are
 * drawn by processes of their own, the same on every machine.
 * @param announce - Told once, when there is something to wait for.
 * @throws AppError `state-unwritable` where the archive cannot keep it.
 */
export async function storeDemoStudy(archive: Archive, announce: (message: string) => void): Promise<void> {
  const known = await archive.seriesMetadata(PHANTOM_SERIES).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'not-found') return [];
    throw error;
  });
  if (known.length === PHANTOM_SLICES) return;
  announce('Drawing the demonstration study (once) ...');
  const processes = Math.min(MAX_PROCESSES, availableParallelism());
  await Promise.all(Array.from({ length: processes }, (_, first) => storeShare(archive, first, processes)));
  if ((await archive.seriesMetadata(PHANTOM_SERIES)).length < PHANTOM_SLICES) throw new Error('drawing ended early');
}

async function storeShare(archive: Archive, first: number, step: number): Promise<void> {
  const drawing = fork(DRAW, [String(first), String(step)], { execArgv: ['--import', TSX], serialization: 'advanced' });
  try {
    for await (const [file] of on(drawing, 'message', { close: ['exit'] }) as AsyncIterable<[Uint8Array]>) {
      const [outcome] = await archive.store(PHANTOM_SERIES.studyUid, [file]);
      if (!outcome?.stored) throw new AppError('state-unwritable', outcome?.reason);
    }
  } finally {
    drawing.kill();
  }
}
