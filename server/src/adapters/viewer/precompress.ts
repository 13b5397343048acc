import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';

const gzip = promisify(gzipCallback);
const COMPRESSIBLE = /\.(js|mjs|css|html|json|svg|wasm)$/;
/** Below one network packet nothing is gained. */
const MIN_BYTES = 1400;
const AT_ONCE = 4;

/**
 * Writes `<file>.gz` beside every compressible file of a folder and below: gzip rather than brotli, because browsers
 * take brotli over HTTPS only. zlib works in libuv's thread pool, so the event loop stays free.
 */
export async function precompress(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && COMPRESSIBLE.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  const compressNext = async (): Promise<void> => {
    for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
      const bytes = await readFile(path);
      if (bytes.length >= MIN_BYTES) await writeFile(`${path}.gz`, await gzip(bytes, { level: 9 }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, compressNext));
}
