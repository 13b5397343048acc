import { AppError } from '@ohif-medsam/protocol';
import dicomCodec from '@cornerstonejs/dicom-codec';
import { nativeFrameBits } from './encodedFrame.ts';
import type { PixelFacts } from './pixelFacts.ts';
import { encodingOf, isNative, TRANSFER_SYNTAX } from './transferSyntax.ts';
import { decodeWasm, hasWasmDecoder } from './wasmCodecs.ts';

/** Samples as the frame's bit fields hold them: not yet sign-extended, colours still in the file's colour space. */
export type Samples = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

/**
 * Uncompresses one frame.
 * @param bytes - The frame as it lies in the file or came from WADO-RS, in `transferSyntaxUid`.
 * @returns rows * columns * samplesPerPixel samples, row-major; colour by pixel, or by plane as `planarConfiguration` says
 *   for native frames. YBR_FULL_422 stays subsampled.
 * @throws AppError `dicom-unsupported` or `dicom-invalid`. The length is always checked: archives have been seen to label
 *   compressed bytes as Little Endian.
 */
export async function decodeSamples(bytes: Uint8Array, transferSyntaxUid: string, facts: PixelFacts): Promise<Samples> {
  if (isNative(transferSyntaxUid))
    return nativeSamples(bytes, facts, transferSyntaxUid === TRANSFER_SYNTAX.explicitBigEndian);
  const encoding = supportedEncoding(bytes, transferSyntaxUid, facts);
  const raw = await uncompressed(bytes, encoding, facts).catch((cause: unknown) => {
    throw new AppError('dicom-invalid', 'The compressed pixels of a frame are damaged.', { cause });
  });
  const samples = facts.rows * facts.columns * facts.samplesPerPixel;
  if (raw.length === samples) return raw;
  if (raw.length === 2 * samples) return new Uint16Array(raw.buffer);
  throw new AppError('dicom-invalid', `A frame decodes to ${String(raw.length)} bytes for ${String(samples)} samples.`);
}

function supportedEncoding(bytes: Uint8Array, transferSyntaxUid: string, facts: PixelFacts): string {
  const encoding = encodingOf(bytes, transferSyntaxUid);
  if (encoding === TRANSFER_SYNTAX.jpegBaseline && facts.bitsAllocated !== 8)
    throw new AppError('dicom-unsupported', '12-bit JPEG.');
  if (encoding === TRANSFER_SYNTAX.rle) checkRle(bytes, facts);
  else if (!hasWasmDecoder(encoding) && encoding !== TRANSFER_SYNTAX.jpegLosslessFirstOrder)
    throw new AppError('dicom-unsupported', `Transfer syntax ${transferSyntaxUid}.`);
  return encoding;
}

async function uncompressed(bytes: Uint8Array, encoding: string, facts: PixelFacts): Promise<Uint8Array<ArrayBuffer>> {
  if (hasWasmDecoder(encoding)) return decodeWasm(bytes, encoding);
  const { imageFrame } = await dicomCodec.decode(
    bytes,
    { ...facts, pixelRepresentation: facts.signed ? 1 : 0 },
    encoding,
  );
  return Uint8Array.from(new Uint8Array(imageFrame.buffer, imageFrame.byteOffset, imageFrame.byteLength));
}

/**
 * The codec trusts an RLE frame (PS3.5 annex G): a wild offset would make it loop through gigabytes, and what a cut stream
 * lacks it would leave black.
 */
function checkRle(bytes: Uint8Array, facts: PixelFacts): void {
  const segments = (facts.samplesPerPixel * facts.bitsAllocated) / 8;
  if (facts.samplesPerPixel > 1 && facts.bitsAllocated > 8)
    throw new AppError('dicom-unsupported', 'RLE colour of more than 8 bits.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offsets = bytes.length < 64 ? [] : Array.from({ length: segments }, (_, s) => view.getUint32(4 + 4 * s, true));
  const ascending = offsets.every((offset, s) => offset <= bytes.length && offset > (offsets[s - 1] ?? 63));
  if (offsets.length === 0 || view.getUint32(0, true) !== segments || !ascending)
    throw new AppError('dicom-invalid', 'The header of an RLE frame is damaged.');
  const pixels = facts.rows * facts.columns;
  for (const [s, offset] of offsets.entries())
    if (expandedLength(bytes.subarray(offset, offsets[s + 1])) < pixels)
      throw new AppError('dicom-invalid', 'An RLE frame ends before its last pixel.');
}

/** Bytes that a PackBits stream expands to; padding at its end may add some (PS3.5 section G.3.2). */
function expandedLength(packed: Uint8Array): number {
  let length = 0;
  for (let at = 0; at < packed.length;) {
    const control = packed[at] ?? 128;
    if (control < 128) {
      length += Math.min(control + 1, packed.length - at - 1);
      at += control + 2;
    } else {
      if (control > 128 && at + 1 < packed.length) length += 257 - control;
      at += control > 128 ? 2 : 1;
    }
  }
  return length;
}

function nativeSamples(bytes: Uint8Array, facts: PixelFacts, bigEndian: boolean): Samples {
  const bits = nativeFrameBits(facts);
  if (bytes.length < Math.ceil(bits / 8))
    throw new AppError(
      'dicom-invalid',
      `A frame has ${String(bytes.length)} bytes instead of ${String(Math.ceil(bits / 8))}.`,
    );
  if (facts.bitsAllocated === 1)
    throw new AppError('dicom-unsupported', '1-bit pixels are a segmentation, not an image.');
  // A copy: the file's bytes need not be aligned, and the frame must not keep a whole series file alive.
  const copy = Buffer.from(Uint8Array.prototype.slice.call(bytes, 0, bits / 8).buffer);
  if (bigEndian) swap(copy, facts.bitsAllocated);
  const { buffer } = copy;
  switch (facts.bitsAllocated) {
    case 8:
      return new Uint8Array(buffer);
    case 16:
      return new Uint16Array(buffer);
    case 32:
      return facts.kind === 'float' ? new Float32Array(buffer) : new Uint32Array(buffer);
    case 64:
      if (facts.kind === 'float') return new Float64Array(buffer);
      throw new AppError('dicom-unsupported', '64-bit integer pixels.');
  }
}

function swap(bytes: Buffer, bitsAllocated: number): void {
  if (bitsAllocated === 16) bytes.swap16();
  if (bitsAllocated === 32) bytes.swap32();
  if (bitsAllocated === 64) bytes.swap64();
}
