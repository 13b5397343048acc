import dicomParser, { type Element, type Fragment } from 'dicom-parser';
import { frameCountOf, numberOf, textOf } from '../../ports/dicomJson.ts';
import type { Part10 } from './readPart10.ts';
import { encodingOf, isNative, TRANSFER_SYNTAX } from './transferSyntax.ts';

/** Offset in the file and number of bytes. */
export type ByteRange = readonly [offset: number, length: number];

export interface BulkRanges {
  /** Frame by frame, the pieces that make it up, in order; empty where frames cannot be cut out of the file as it is. */
  readonly frames: readonly (readonly ByteRange[])[];
  /** How frames are really encoded, where the file says it wrongly: viewers decode by this. */
  readonly frameSyntaxUid: string;
  /** Top-level binary values that the header JSON leaves out, by tag; never encapsulated pixel data. */
  readonly values: Readonly<Record<string, ByteRange>>;
}

const PIXEL_DATA = ['x7fe00010', 'x7fe00008', 'x7fe00009'];
const BINARY = new Set(['OB', 'OW', 'OF', 'OD', 'OL', 'OV', 'UN']);

/**
 * Finds pixel data and other bulk data in a file, so that they can be served without reading the rest of it. Frames of
 * bit-packed images that do not start on a byte, and everything in a deflated or big endian file, are left out.
 * @see DICOM PS3.5 section 8 and annex A.4
 */
export function bulkRanges({ header, dataSet, transferSyntaxUid }: Part10): BulkRanges {
  if (
    transferSyntaxUid === TRANSFER_SYNTAX.deflatedLittleEndian ||
    transferSyntaxUid === TRANSFER_SYNTAX.explicitBigEndian
  )
    return { frames: [], frameSyntaxUid: transferSyntaxUid, values: {} };
  const pixels = PIXEL_DATA.map((tag) => dataSet.elements[tag]).find((element) => element !== undefined);
  const values: Record<string, ByteRange> = {};
  for (const element of Object.values(dataSet.elements)) {
    const tag = element.tag.slice(1).toUpperCase();
    const { vr, InlineBinary } = header[tag] ?? { vr: '' };
    const isBulk = PIXEL_DATA.includes(element.tag) || (BINARY.has(vr) && InlineBinary === undefined);
    if (isBulk && element.length > 0 && !element.encapsulatedPixelData)
      values[tag] = [element.dataOffset, element.length];
  }
  if (pixels === undefined) return { frames: [], frameSyntaxUid: transferSyntaxUid, values };
  const count = frameCountOf(header);
  const frames = isNative(transferSyntaxUid) ? nativeFrames(pixels, count) : encapsulatedFrames(pixels, count);
  const [offset, length] = frames[0]?.[0] ?? [0, 0];
  const frameSyntaxUid = encodingOf(dataSet.byteArray.subarray(offset, offset + length), transferSyntaxUid);
  return { frames, frameSyntaxUid, values };

  /** As `nativeFrameBits`, but whatever else is odd about an image, an archive can still hand it out. */
  function nativeFrames(element: Element, frameCount: number): ByteRange[][] {
    const pixelsPerFrame = (numberOf(header, '00280010') ?? 0) * (numberOf(header, '00280011') ?? 0);
    const samples = textOf(header, '00280004') === 'YBR_FULL_422' ? 2 : (numberOf(header, '00280002') ?? 1);
    const frameBytes = (pixelsPerFrame * samples * (numberOf(header, '00280100') ?? 0)) / 8;
    if (!Number.isInteger(frameBytes) || frameBytes === 0 || frameBytes * frameCount > element.length) return [];
    return Array.from({ length: frameCount }, (_, frame) => [[element.dataOffset + frame * frameBytes, frameBytes]]);
  }

  function encapsulatedFrames(element: Element, frameCount: number): ByteRange[][] {
    const fragments = element.fragments ?? [];
    const range = (fragment: Fragment): ByteRange => [fragment.position, fragment.length];
    if (fragments.length === frameCount) return fragments.map((fragment) => [range(fragment)]);
    if (frameCount === 1) return [fragments.map(range)];
    const written = element.basicOffsetTable ?? [];
    const starts = written.length > 0 ? written : dicomParser.createJPEGBasicOffsetTable(dataSet, element);
    if (starts.length !== frameCount) return [];
    return starts.map((start, frame) =>
      fragments.filter(({ offset }) => offset >= start && offset < (starts[frame + 1] ?? Infinity)).map(range),
    );
  }
}
