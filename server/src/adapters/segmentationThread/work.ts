import { randomUUID } from 'node:crypto';
import { AppError, type ErrorCode } from '@ohif-medsam/protocol';
import {
  buildSegmentation,
  readSegmentation,
  type ReadSegmentationFile,
  type WriteSegmentation,
} from '../../dicomSeg/index.ts';
import { segmentationFile } from '../dicom/segmentationFile.ts';
import { writePart10 } from '../dicom/writePart10.ts';

export interface Work {
  readonly write: WriteSegmentation;
  readonly read: ReadSegmentationFile;
}

/** From the server to the thread. */
export type Request = { [K in keyof Work]: { readonly kind: K; readonly args: Parameters<Work[K]> } }[keyof Work];
/** Back: an expected failure crosses as its code, because a clone of it would be no AppError any more. */
export type Answer =
  | { readonly result: Awaited<ReturnType<Work[keyof Work]>> }
  | { readonly code: ErrorCode; readonly detail: string | undefined };

/** Builds and encodes, on the thread that calls. */
export function writeHere(...from: Parameters<WriteSegmentation>): Awaited<ReturnType<WriteSegmentation>> {
  const { header, pixelData, frames } = buildSegmentation(...from);
  return { file: new Uint8Array(writePart10(header, pixelData)), frames };
}

/** Decodes and reads, on the thread that calls. */
const readHere: ReadSegmentationFile = async (file, sources) =>
  readSegmentation(segmentationFile(file), sources, randomUUID);

/** @throws what is no AppError. */
export async function answerTo(request: Request): Promise<Answer> {
  try {
    const { kind, args } = request;
    return { result: kind === 'write' ? writeHere(...args) : await readHere(...args) };
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, detail: error.detail };
    throw error;
  }
}
