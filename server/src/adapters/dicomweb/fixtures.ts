import { randomUUID } from 'node:crypto';
import type { DicomJson, InstanceName } from '../../ports/archive.ts';
import { writePart10 } from '../dicom/writePart10.ts';

export interface TinyFile {
  readonly name: InstanceName;
  readonly bytes: Uint8Array;
}

export const newUid = (): string => `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`).toString()}`;

/** A CT slice of 4 x 4 pixels, one of `count` of a new series. */
export function tinySeries(count: number, extra: DicomJson = {}, studyUid = newUid()): TinyFile[] {
  const seriesUid = newUid();
  return Array.from({ length: count }, (_, index) => {
    const name = { studyUid, seriesUid, sopInstanceUid: newUid() };
    return { name, bytes: tinyFile(name, index, extra) };
  });
}

export function tinyFile(
  { studyUid, seriesUid, sopInstanceUid }: InstanceName,
  index: number,
  extra: DicomJson,
): Uint8Array {
  const text = (vr: string, ...Value: readonly (string | number)[]) => ({ vr, Value });
  const header: DicomJson = {
    '00080005': text('CS', 'ISO_IR 192'),
    '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.2'),
    '00080018': text('UI', sopInstanceUid),
    '00080020': text('DA', '20260102'),
    '00080030': text('TM', '101500'),
    '00080050': text('SH', 'ACC1'),
    '00080060': text('CS', 'CT'),
    '0008103E': text('LO', 'Tiny'),
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Grün^Zoë' }] },
    '00100020': text('LO', 'TINY-1'),
    '0020000D': text('UI', studyUid),
    '0020000E': text('UI', seriesUid),
    '00200011': text('IS', 3),
    '00200013': text('IS', index + 1),
    '00200032': text('DS', -1.5, -1.5, 2.5 * index),
    '00200037': text('DS', 1, 0, 0, 0, 1, 0),
    '00280002': text('US', 1),
    '00280004': text('CS', 'MONOCHROME2'),
    '00280010': text('US', 4),
    '00280011': text('US', 4),
    '00280030': text('DS', 0.75, 0.75),
    '00280100': text('US', 16),
    '00280101': text('US', 16),
    '00280102': text('US', 15),
    '00280103': text('US', 1),
    ...extra,
  };
  return writePart10(header, new Uint8Array(Int16Array.from({ length: 16 }, (_, at) => at - 8 + index).buffer));
}
