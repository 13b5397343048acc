import { AppError } from '@ohif-medsam/protocol';
import dicomParser, { type Element } from 'dicom-parser';
import { frameCountOf } from '../../ports/dicomJson.ts';
import type { PixelFacts } from './pixelFacts.ts';
import type { Part10 } from './readPart10.ts';
import { isNative, TRANSFER_SYNTAX } from './transferSyntax.ts';

/** Bytes of one uncompressed frame; 1-bit frames are packed and need not end on a byte (PS3.5 section 8.1.1). */
export function nativeFrameBits(facts: PixelFacts): number {
  // YBR_FULL_422 shares its two colour samples between two pixels: 16 bits a pixel, not 24.
  const samples = facts.photometric === 'YBR_FULL_422' ? 2 : facts.samplesPerPixel;
  return facts.rows * facts.columns * samples * facts.bitsAllocated;
}

/** The element that holds the pixels, and how long it has to be. */
export function pixelElement({ dataSet }: Part10): Element {
  const { elements } = dataSet;
  const element = elements['x7fe00010'] ?? elements['x7fe00008'] ?? elements['x7fe00009'];
  if (element === undefined) throw new AppError('dicom-invalid', 'It holds no pixel data.');
  return element;
}

/**
 * The bytes of one frame as they lie in the file, without a copy where they are in one piece.
 * @param frameNumber - From 1.
 * @throws AppError `dicom-invalid` if the file has no such frame or ends before it.
 */
export function encodedFrame(part10: Part10, frameNumber: number, facts: PixelFacts): Uint8Array {
  const count = frameCountOf(part10.header);
  if (!Number.isInteger(frameNumber) || frameNumber < 1 || frameNumber > count)
    throw new AppError('dicom-invalid', `It has ${String(count)} frames, asked for frame ${String(frameNumber)}.`);
  const element = pixelElement(part10);
  return isNative(part10.transferSyntaxUid)
    ? nativeFrame(part10, element, frameNumber, facts)
    : encapsulatedFrame(part10, element, frameNumber, count);
}

function nativeFrame(
  { dataSet, transferSyntaxUid }: Part10,
  element: Element,
  frameNumber: number,
  facts: PixelFacts,
): Uint8Array {
  const bytes = nativeFrameBits(facts) / 8;
  const from = Math.floor((frameNumber - 1) * bytes);
  const to = Math.ceil(frameNumber * bytes);
  if (to > element.length)
    throw new AppError(
      'dicom-invalid',
      `Its pixel data ends early: frame ${String(frameNumber)} needs ${String(to)} bytes of ${String(element.length)}.`,
    );
  const cut = (start: number, end: number) =>
    dataSet.byteArray.subarray(element.dataOffset + start, element.dataOffset + end);
  const bigEndianWords = transferSyntaxUid === TRANSFER_SYNTAX.explicitBigEndian && element.vr === 'OW';
  if (!bigEndianWords || facts.bitsAllocated !== 8) return cut(from, to);
  // Bytes lie in swapped words (PS3.5 annex D), which may begin in the frame before and end in the next.
  const words = Buffer.from(cut(from - (from % 2), to + (to % 2))).swap16();
  return words.subarray(from % 2, (from % 2) + to - from);
}

/** PS3.5 annex A.4: fragments, with or without a table of where frames begin. */
function encapsulatedFrame({ dataSet }: Part10, element: Element, frameNumber: number, count: number): Uint8Array {
  const fragments = element.fragments ?? [];
  try {
    if (count === 1) return whole(dataSet.byteArray, fragments);
    if (fragments.length === count)
      return dicomParser.readEncapsulatedPixelDataFromFragments(dataSet, element, frameNumber - 1, 1);
    const given = element.basicOffsetTable ?? [];
    const table = given.length === count ? given : dicomParser.createJPEGBasicOffsetTable(dataSet, element);
    return dicomParser.readEncapsulatedImageFrame(dataSet, element, frameNumber - 1, table);
  } catch (cause) {
    throw new AppError('dicom-invalid', `Frame ${String(frameNumber)} cannot be found in its fragments.`, { cause });
  }
}

function whole(file: Uint8Array, fragments: readonly { position: number; length: number }[]): Uint8Array {
  const parts = fragments.map(({ position, length }) => file.subarray(position, position + length));
  const [only] = parts;
  return parts.length === 1 && only ? only : Buffer.concat(parts);
}
