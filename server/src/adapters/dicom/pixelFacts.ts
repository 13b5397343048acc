import { AppError, LIMITS } from '@ohif-medsam/protocol';
import type { DicomJson } from '../../ports/archive.ts';
import { functionalGroup, itemsOf, numberOf, numbersOf, textOf } from '../../ports/dicomJson.ts';

/** What a header says of the pixels of one frame: all that is needed to turn its bytes into modality values. */
export interface PixelFacts {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: 1 | 3;
  readonly photometric: string;
  /** Colour by plane (1) or by pixel (0); only of uncompressed pixels. */
  readonly planarConfiguration: number;
  readonly bitsAllocated: 1 | 8 | 16 | 32 | 64;
  readonly bitsStored: number;
  readonly signed: boolean;
  readonly kind: 'integer' | 'float';
  /** modality value = stored * slope + intercept */
  readonly slope: number;
  readonly intercept: number;
  /** Stored numbers, inclusive, that mark pixels outside of the image. */
  readonly padding: readonly [number, number] | undefined;
  /** The item of ModalityLUTSequence or the header with the palette; their tables are read when a frame is. */
  readonly modalityLut: DicomJson | undefined;
  readonly palette: DicomJson | undefined;
}

const BITS = new Set([1, 8, 16, 32, 64]);

/**
 * @param frameNumber - From 1; enhanced objects may transform each frame differently (PS3.3 C.7.6.16.2.9).
 * @throws AppError `dicom-invalid` if the header does not describe an image, `dicom-unsupported` for odd pixels.
 */
export function pixelFactsOf(header: DicomJson, frameNumber: number): PixelFacts {
  const samplesPerPixel = numberOf(header, '00280002') ?? 1;
  const bitsAllocated = required(header, '00280100', 'BitsAllocated');
  if (samplesPerPixel !== 1 && samplesPerPixel !== 3)
    throw new AppError('dicom-unsupported', `SamplesPerPixel is ${String(samplesPerPixel)}.`);
  if (!BITS.has(bitsAllocated)) throw new AppError('dicom-unsupported', `BitsAllocated is ${String(bitsAllocated)}.`);
  const photometric = textOf(header, '00280004') ?? (samplesPerPixel === 3 ? 'RGB' : 'MONOCHROME2');
  const signed = numberOf(header, '00280103') === 1;
  const kind = header['7FE00008'] || header['7FE00009'] ? 'float' : 'integer';
  return {
    rows: size(header, '00280010', 'Rows', LIMITS.rows),
    columns: size(header, '00280011', 'Columns', LIMITS.columns),
    samplesPerPixel,
    photometric,
    planarConfiguration: numberOf(header, '00280006') ?? 0,
    bitsAllocated: bitsAllocated as PixelFacts['bitsAllocated'],
    bitsStored: Math.min(bitsAllocated, numberOf(header, '00280101') ?? bitsAllocated),
    signed,
    kind,
    ...rescaleOf(header, frameNumber),
    padding: samplesPerPixel === 1 ? paddingOf(header, signed, bitsAllocated) : undefined,
    modalityLut: itemsOf(header, '00283000')[0],
    palette: photometric === 'PALETTE COLOR' ? header : undefined,
  };
}

function required(header: DicomJson, tag: string, name: string): number {
  const value = numberOf(header, tag);
  if (value === undefined) throw new AppError('dicom-invalid', `It holds no image: ${name} is missing.`);
  return value;
}

function size(header: DicomJson, tag: string, name: string, limit: number): number {
  const value = required(header, tag, name);
  if (value < 1 || value > limit) throw new AppError('dicom-invalid', `${name} is ${String(value)}.`);
  return value;
}

function rescaleOf(header: DicomJson, frameNumber: number): { slope: number; intercept: number } {
  const group = functionalGroup(header, frameNumber, '00289145');
  const from = group['00281053'] ? group : header;
  // A slope of 0 would flatten the image; some writers leave it so when they mean "none".
  return { slope: numberOf(from, '00281053') || 1, intercept: numberOf(from, '00281052') ?? 0 };
}

/** Padding is given in stored numbers, sometimes with the wrong signedness (PS3.3 C.7.5.1.1.2). */
function paddingOf(header: DicomJson, signed: boolean, bits: number): readonly [number, number] | undefined {
  const [value] = numbersOf(header, '00280120');
  if (value === undefined) return undefined;
  const asStored = (n: number) =>
    signed && n >= 2 ** (bits - 1) ? n - 2 ** bits : !signed && n < 0 ? n + 2 ** bits : n;
  const from = asStored(value);
  const to = asStored(numberOf(header, '00280121') ?? value);
  return from <= to ? [from, to] : [to, from];
}
