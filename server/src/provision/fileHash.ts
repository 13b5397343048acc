import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

export interface FileHash {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly md5: string;
  readonly bytes: number;
}

/** Reads a file once. MD5 because Zenodo publishes no other hash. */
export async function fileHash(path: string): Promise<FileHash> {
  const [sha256, md5] = [createHash('sha256'), createHash('md5')];
  let bytes = 0;
  await pipeline(createReadStream(path), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      sha256.update(chunk);
      md5.update(chunk);
    }
  });
  return { sha256: sha256.digest('hex'), md5: md5.digest('hex'), bytes };
}
