import { AppError } from '@ohif-medsam/protocol';
import dicomParser from 'dicom-parser';

/**
 * Which object a file holds, read from its File Meta Information alone: a segmentation's header is megabytes.
 * @throws AppError `dicom-invalid`
 */
export function readSopInstanceUid(file: Uint8Array): string {
  try {
    const uid = dicomParser.readPart10Header(file, { untilTag: 'x00020010' }).string('x00020003');
    if (uid) return uid;
  } catch (cause) {
    throw new AppError('dicom-invalid', 'Its file meta information cannot be read.', { cause });
  }
  throw new AppError('dicom-invalid', 'Its file meta information names no SOP instance.');
}
