import { AppError, type ErrorCode } from '@ohif-medsam/protocol';
import { buildSegmentation, type WriteSegmentation } from '../../dicomSeg/index.ts';
import { writePart10 } from '../dicom/writePart10.ts';

/** From the server to the thread. */
export type WriteRequest = Parameters<WriteSegmentation>;
/** Back: an expected failure crosses as its code, because a clone of it would be no AppError any more. */
export type WriteAnswer =
  | { readonly file: Uint8Array<ArrayBuffer>; readonly frames: number }
  | { readonly code: ErrorCode; readonly detail: string | undefined };

/** Builds and encodes on the thread that calls. @throws what is no AppError. */
export function writeHere([content, sources, identity, equipment]: WriteRequest): WriteAnswer {
  try {
    const { header, pixelData, frames } = buildSegmentation(content, sources, identity, equipment);
    return { file: new Uint8Array(writePart10(header, pixelData)), frames };
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, detail: error.detail };
    throw error;
  }
}
