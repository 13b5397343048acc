import { createHash } from 'node:crypto';
import { AppError, smallestNumbers, type ErrorCode } from '@ohif-medsam/protocol';
import type { SourceFrame } from '../../ports/pixelSource.ts';
import { readFrame, type DecodedFrame } from '../dicom/decodeFrame.ts';
import { readPart10 } from '../dicom/readPart10.ts';

/** Back from the thread: a failure crosses as its code, because a clone of it would be no AppError any more. */
export type DecodeAnswer =
  { readonly frames: readonly SourceFrame[] } | { readonly code: ErrorCode; readonly detail: string | undefined };

/** Decodes frames of a file on the thread that calls. */
export async function decodeHere(file: Uint8Array, frameNumbers: readonly number[]): Promise<DecodeAnswer> {
  try {
    const part10 = readPart10(file);
    const frames: SourceFrame[] = [];
    for (const frameNumber of frameNumbers) frames.push(sourceFrame(await readFrame(part10, frameNumber)));
    return { frames };
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, detail: error.detail };
    // Whatever a decoder stumbles over in foreign bytes.
    return { code: 'dicom-unsupported', detail: 'It cannot be decoded.' };
  }
}

/** Rescaled and in the smallest numbers, as the viewer pushes it. */
function sourceFrame({
  rows,
  columns,
  components,
  pixels,
  slope,
  intercept,
  invert,
  padding,
}: DecodedFrame): SourceFrame {
  const isRescaled = components === 3 || (slope === 1 && intercept === 0);
  const { values } = smallestNumbers(
    isRescaled ? pixels : Float32Array.from(pixels, (stored) => stored * slope + intercept),
  );
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const ends = padding?.map((stored) => stored * slope + intercept);
  return {
    hash: createHash('sha256').update(bytes).digest('hex'),
    rows,
    columns,
    components,
    pixels: values,
    slope: 1,
    intercept: 0,
    invert,
    ...(ends && { padding: [Math.min(...ends), Math.max(...ends)] as const }),
  };
}
