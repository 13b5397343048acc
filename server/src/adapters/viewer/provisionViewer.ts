import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { AppError } from '@ohif-medsam/protocol';
import * as tar from 'tar';
import * as z from 'zod';
import { precompress } from './precompress.ts';

const viewerPin = z.object({
  package: z.string(),
  version: z.string().regex(/^[\w.-]+$/),
  integrity: z.string().startsWith('sha512-'),
});
export type ViewerPin = z.infer<typeof viewerPin>;

/** @throws AppError `input-invalid` when the file is not a pin. */
export async function readViewerPin(path: string): Promise<ViewerPin> {
  const parsed = viewerPin.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (!parsed.success) throw new AppError('input-invalid', `${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

const SCRATCH = '.fetching-';

/**
 * Brings the stock viewer into `<cacheFolder>/<version>/`, once. `@ohif/app` cannot be a dependency (its own
 * dependencies name versions that were never published), so only its tarball is fetched, through npm for the sake of
 * the user's proxies and mirrors, and checked against the pinned hash. The folder appears complete or not at all.
 * @param announce - Told once, when there is something to wait for.
 * @throws AppError `input-invalid` where the package cannot be fetched or is not the pinned one.
 */
export async function provisionViewer(
  pin: ViewerPin,
  cacheFolder: string,
  announce: (message: string) => void,
  fetchTarball = npmPack,
): Promise<string> {
  const folder = join(cacheFolder, pin.version);
  if (existsSync(folder)) return folder;
  announce(`Fetching the viewer, ${pin.package} ${pin.version} (some 45 MB, once) ...`);
  await mkdir(cacheFolder, { recursive: true });
  const cutShort = (await readdir(cacheFolder)).filter((name) => name.startsWith(SCRATCH));
  await Promise.all(cutShort.map((name) => rm(join(cacheFolder, name), { recursive: true, force: true })));
  const scratch = await mkdtemp(join(cacheFolder, SCRATCH));
  try {
    const tarball = await fetchTarball(pin, scratch);
    await checkIntegrity(tarball, pin);
    const dist = join(scratch, 'package', 'dist');
    await tar.extract({ file: tarball, cwd: scratch, filter: (path) => isServed(path) });
    await precompress(dist);
    await rename(dist, folder);
    return folder;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const isServed = (path: string): boolean => path.startsWith('package/dist/') && !path.endsWith('.map');

async function npmPack(pin: ViewerPin, into: string): Promise<string> {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = ['pack', `${pin.package}@${pin.version}`, '--pack-destination', into, '--silent'];
  try {
    await promisify(execFile)(npm, args, { shell: process.platform === 'win32' });
  } catch (cause) {
    throw new AppError('input-invalid', `npm could not fetch ${pin.package}@${pin.version}: check the network.`, {
      cause,
    });
  }
  const tarball = (await readdir(into)).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined)
    throw new AppError('input-invalid', `npm packed no file for ${pin.package}@${pin.version}.`);
  return join(into, tarball);
}

async function checkIntegrity(tarball: string, pin: ViewerPin): Promise<void> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(tarball), hash);
  const found = `sha512-${hash.digest('base64')}`;
  if (found !== pin.integrity) {
    throw new AppError('input-invalid', `${pin.package}@${pin.version} is ${found}, expected ${pin.integrity}.`);
  }
}
