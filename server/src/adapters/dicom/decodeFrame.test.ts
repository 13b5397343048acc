import charls from '@cornerstonejs/codec-charls/wasmjs';
import openjph from '@cornerstonejs/codec-openjph/wasmjs';
import { expect, it } from 'vitest';
import { decodeFrame } from './decodeFrame.ts';
import { pixelFactsOf } from './pixelFacts.ts';

/** No other program here writes it, so the library has to encode what it decodes. */
interface HtEncoder {
  getDecodedBuffer(info: object): Uint8Array;
  encode(): void;
  getEncodedBuffer(): Uint8Array;
}

it('gives pixels in High-Throughput JPEG 2000 back as they were', async () => {
  const [rows, columns] = [21, 34];
  const stored = Int16Array.from({ length: rows * columns }, (_, n) => Math.round(2000 * Math.sin(n / 5)));
  const { HTJ2KEncoder } = (await openjph({ print: () => undefined })) as { HTJ2KEncoder: new () => HtEncoder };
  const encoder = new HTJ2KEncoder();
  const frame = { width: columns, height: rows, bitsPerSample: 16, componentCount: 1, isSigned: true };
  encoder.getDecodedBuffer({ ...frame, isUsingColorTransform: false }).set(new Uint8Array(stored.buffer));
  encoder.encode();
  const encoded = Uint8Array.from(encoder.getEncodedBuffer());
  const facts = pixelFactsOf(
    {
      '00280002': { vr: 'US', Value: [1] },
      '00280004': { vr: 'CS', Value: ['MONOCHROME2'] },
      '00280010': { vr: 'US', Value: [rows] },
      '00280011': { vr: 'US', Value: [columns] },
      '00280100': { vr: 'US', Value: [16] },
      '00280101': { vr: 'US', Value: [16] },
      '00280103': { vr: 'US', Value: [1] },
    },
    1,
  );
  const decoded = await decodeFrame(encoded, '1.2.840.10008.1.2.4.201', facts);
  expect(decoded.pixels).toEqual(stored);
});

interface LsEncoder {
  getDecodedBuffer(info: object): Uint8Array;
  setInterleaveMode(mode: number): void;
  encode(): void;
  getEncodedBuffer(): Uint8Array;
}

it.each([
  ['none', 0],
  ['by line', 1],
  ['by sample', 2],
])('gives colour in JPEG-LS back as it was, its components interleaved %s', async (_, mode) => {
  const [rows, columns] = [5, 7];
  const rgb = Uint8Array.from({ length: rows * columns * 3 }, (_unused, n) => (n * 37) % 256);
  const planes = [0, 1, 2].flatMap((c) => [...rgb.filter((_unused, n) => n % 3 === c)]);
  const { JpegLSEncoder } = (await charls({ print: () => undefined })) as { JpegLSEncoder: new () => LsEncoder };
  const encoder = new JpegLSEncoder();
  const frame = { width: columns, height: rows, bitsPerSample: 8, componentCount: 3 };
  encoder.getDecodedBuffer(frame).set(mode === 0 ? planes : rgb);
  encoder.setInterleaveMode(mode);
  encoder.encode();
  const facts = pixelFactsOf(
    {
      '00280002': { vr: 'US', Value: [3] },
      '00280004': { vr: 'CS', Value: ['RGB'] },
      '00280010': { vr: 'US', Value: [rows] },
      '00280011': { vr: 'US', Value: [columns] },
      '00280100': { vr: 'US', Value: [8] },
    },
    1,
  );
  const decoded = await decodeFrame(Uint8Array.from(encoder.getEncodedBuffer()), '1.2.840.10008.1.2.4.80', facts);
  expect(decoded.pixels).toEqual(rgb);
});

it('refuses a damaged stream, and compressed bytes that an archive calls Little Endian', async () => {
  const facts = pixelFactsOf(
    {
      '00280010': { vr: 'US', Value: [64] },
      '00280011': { vr: 'US', Value: [64] },
      '00280100': { vr: 'US', Value: [16] },
    },
    1,
  );
  const noise = Uint8Array.from({ length: 900 }, (_, n) => (n * 37) % 256);
  for (const syntax of ['.1', '.4.50', '.4.70', '.4.80', '.4.90', '.4.201', '.5'])
    await expect(decodeFrame(noise, `1.2.840.10008.1.2${syntax}`, facts)).rejects.toMatchObject({
      code: expect.stringMatching(/^dicom-(invalid|unsupported)$/) as string,
    });
});

/** A frame of PackBits: one segment per byte of a pixel (PS3.5 annex G), each the literal or repeated bytes given. */
function rle(...segments: readonly (readonly number[])[]): Uint8Array {
  const header = new Uint32Array(16);
  header[0] = segments.length;
  segments.forEach((_, n) => (header[n + 1] = 64 + segments.slice(0, n).flat().length));
  return Uint8Array.from([...new Uint8Array(header.buffer), ...segments.flat()]);
}

it('refuses an RLE frame of which the end is missing, wherever it was cut', async () => {
  const facts = pixelFactsOf(
    {
      '00280010': { vr: 'US', Value: [2] },
      '00280011': { vr: 'US', Value: [4] },
      '00280100': { vr: 'US', Value: [16] },
    },
    1,
  );
  // 257 - 253: the byte four times; then four literal ones.
  const high = [253, 1, 3, 1, 2, 3, 4];
  const low = [249, 9];
  const whole = rle(high, low);
  const { pixels } = await decodeFrame(whole, '1.2.840.10008.1.2.5', facts);
  expect([...pixels]).toEqual([265, 265, 265, 265, 265, 521, 777, 1033]);
  const cut = [rle(high, low.slice(0, 1)), rle(high, []), rle(high.slice(0, -2), low), whole.subarray(0, -1)];
  for (const bytes of cut)
    await expect(decodeFrame(bytes, '1.2.840.10008.1.2.5', facts)).rejects.toMatchObject({ code: 'dicom-invalid' });
});
