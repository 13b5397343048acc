import { AppError } from '@ohif-medsam/protocol';
import type { PixelArray } from '../../ports/sliceStore.ts';
import { interleave, lookUp, lutOf, paletteToRgb, upsample422, ybrToRgb } from './colour.ts';
import { decodeSamples, type Samples } from './decodeSamples.ts';
import { encodedFrame } from './encodedFrame.ts';
import { pixelFactsOf, type PixelFacts } from './pixelFacts.ts';
import type { Part10 } from './readPart10.ts';
import { encodingOf, isNative, TRANSFER_SYNTAX } from './transferSyntax.ts';

/** The pixels of one frame, ready to be put as a slice. */
export interface DecodedFrame {
  readonly rows: number;
  readonly columns: number;
  readonly components: 1 | 3;
  /** Row-major stored numbers; RGB interleaved, 8 bits. */
  readonly pixels: PixelArray;
  /** modality value (HU in CT) = stored * slope + intercept */
  readonly slope: number;
  readonly intercept: number;
  /** MONOCHROME1: low values are bright. */
  readonly invert: boolean;
  /** Stored numbers from..to, inclusive, that mark pixels outside of the image. */
  readonly padding?: readonly [number, number];
}

/** Reads and decodes one frame of a file. @param frameNumber - From 1. @throws AppError as {@link decodeFrame}. */
export async function readFrame(part10: Part10, frameNumber: number): Promise<DecodedFrame> {
  const facts = pixelFactsOf(part10.header, frameNumber);
  return decodeFrame(encodedFrame(part10, frameNumber, facts), part10.transferSyntaxUid, facts);
}

/**
 * Turns the bytes of one frame into pixels: uncompress, check the length, colours to RGB, sign-extend from BitsStored.
 * Slope and intercept are handed on, not applied.
 * @param bytes - In `transferSyntaxUid`: that of the file, or of the part of a WADO-RS answer.
 * @throws AppError `dicom-invalid` for damaged, `dicom-unsupported` for unknown pixels.
 */
export async function decodeFrame(
  bytes: Uint8Array,
  transferSyntaxUid: string,
  facts: PixelFacts,
): Promise<DecodedFrame> {
  const samples = await decodeSamples(bytes, transferSyntaxUid, facts);
  const size = { rows: facts.rows, columns: facts.columns };
  const plain = { slope: 1, intercept: 0, invert: false };
  if (facts.samplesPerPixel === 3)
    return { ...size, components: 3, pixels: toRgb(samples, encodingOf(bytes, transferSyntaxUid), facts), ...plain };
  const stored = signExtended(samples, facts);
  if (facts.palette)
    return { ...size, components: 3, pixels: paletteToRgb(stored, facts.palette, facts.signed), ...plain };
  const invert = facts.photometric === 'MONOCHROME1';
  const padding = facts.padding && { padding: facts.padding };
  if (facts.modalityLut) {
    const lut = lutOf(facts.modalityLut, '00283002', '00283006', facts.signed);
    return { ...size, components: 1, pixels: Float32Array.from(stored, (n) => lookUp(lut, n)), ...plain, invert };
  }
  const { slope, intercept } = facts;
  return { ...size, components: 1, pixels: stored, slope, intercept, invert, ...padding };
}

function toRgb(samples: Samples, encoding: string, facts: PixelFacts): Uint8Array {
  if (!(samples instanceof Uint8Array))
    throw new AppError('dicom-unsupported', `Colour of ${String(facts.bitsAllocated)} bits.`);
  const native = isNative(encoding);
  // JPEG decoders convert to RGB themselves, and RCT/ICT are part of JPEG 2000; YBR_FULL elsewhere is still to convert.
  if (facts.photometric === 'YBR_FULL_422' && native) return ybrToRgb(upsample422(samples));
  const byPixel = native && facts.planarConfiguration === 1 ? interleave(samples) : samples;
  return facts.photometric.startsWith('YBR_FULL') && encoding !== TRANSFER_SYNTAX.jpegBaseline
    ? ybrToRgb(byPixel)
    : byPixel;
}

/** Bits above BitsStored may hold overlays or rubbish (PS3.5 section 8.1.1): they are shifted out. */
function signExtended(samples: Samples, facts: PixelFacts): PixelArray {
  if (samples instanceof Float32Array) return samples;
  if (samples instanceof Float64Array) return Float32Array.from(samples);
  if (samples instanceof Uint32Array) return Float32Array.from(facts.signed ? new Int32Array(samples.buffer) : samples);
  const eight = samples instanceof Uint8Array;
  const shift = 32 - Math.min(facts.bitsStored, eight ? 8 : 16);
  if (!facts.signed) {
    if (shift !== (eight ? 24 : 16))
      for (let n = 0; n < samples.length; n++) samples[n] = ((samples[n] ?? 0) << shift) >>> shift;
    return samples;
  }
  const out = eight ? new Int8Array(samples.length) : new Int16Array(samples.length);
  for (let n = 0; n < samples.length; n++) out[n] = ((samples[n] ?? 0) << shift) >> shift;
  return out;
}
