import { AppError } from '@ohif-medsam/protocol';

/**
 * An answer of the archive as text (UTF-8).
 * @throws AppError `archive-refused` where it is longer than `limitBytes`; the rest is not read.
 */
export async function readText(chunks: AsyncIterable<Uint8Array>, limitBytes: number): Promise<string> {
  const read: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw new AppError('archive-refused', `Its answer has more than ${limitBytes} bytes.`);
    read.push(chunk);
  }
  return Buffer.concat(read).toString('utf8');
}
