import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { AppError, LIMITS, PIXEL_BYTES, type SlicePut } from '@ohif-medsam/protocol';

const inflate = promisify(inflateRaw);

/**
 * What was pushed, with its pixels as they were before they were compressed. Never makes more bytes of them than the message says
 * that there are, nor than a slice may have.
 * @throws AppError `message-too-large`, `slice-corrupt`
 */
export async function inflateSlice(put: SlicePut): Promise<SlicePut> {
  if (put.encoding === 'raw') return put;
  const bytes = put.columns * put.rows * put.components * PIXEL_BYTES[put.type];
  if (bytes > LIMITS.sliceBytes) throw new AppError('message-too-large', `A slice of ${String(bytes)} bytes.`);
  try {
    const pixels = await inflate(put.pixels, { maxOutputLength: bytes });
    return { ...put, encoding: 'raw', pixels };
  } catch (cause) {
    throw new AppError('slice-corrupt', `They do not inflate to ${String(bytes)} bytes.`, { cause });
  }
}
