import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { slicePutSchema, type SlicePut } from '@ohif-medsam/protocol';
import { expect, it } from 'vitest';
import { inflateSlice } from './inflateSlice.ts';

const pixels = new Uint8Array(Int16Array.from({ length: 64 * 64 }, (_, n) => (n * n) % 3000).buffer);
const compressed = (change: Partial<SlicePut> = {}): SlicePut =>
  slicePutSchema.parse({
    seriesUid: '1.2',
    plane: { axis: 'k', frame: '1.3.1/1' },
    hash: createHash('sha256').update(pixels).digest('hex'),
    columns: 64,
    rows: 64,
    components: 1,
    type: 'int16',
    encoding: 'deflate-raw',
    pixels: deflateRawSync(pixels),
    ...change,
  });

it('gives back the pixels as they were', async () => {
  const { pixels: back, ...facts } = await inflateSlice(compressed());
  expect(Buffer.compare(back, pixels)).toBe(0);
  expect(facts.encoding).toBe('raw');
});

it.each([
  ['more than the message says', { rows: 63 }, 'slice-corrupt'],
  ['more than a slice may have', { columns: 16_384, rows: 16_384 }, 'message-too-large'],
  ['nothing that can be read', { pixels: pixels.slice() }, 'slice-corrupt'],
  ['a stream that breaks off', { pixels: deflateRawSync(pixels).subarray(0, 100) }, 'slice-corrupt'],
])('refuses %s', async (_what, change, code) => {
  await expect(inflateSlice(compressed(change))).rejects.toMatchObject({ code });
});
