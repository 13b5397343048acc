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
