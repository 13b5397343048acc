import { createHash } from 'node:crypto';
import { writePart10 } from '../adapters/dicom/writePart10.ts';
import type { DicomJson, SeriesName } from '../ports/archive.ts';
import { PIXEL_MM, SIZE } from './canvas.ts';
import { phantomSlice, PHANTOM_SLICES, SLICE_MM } from './phantomSlice.ts';

const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
/** Stored numbers are unsigned, as most scanners write them: HU = stored - 1024. */
const INTERCEPT = -1024;
/** Height of the lowest slice in the patient. */
const LOWEST_Z_MM = -260;

/** A UID that is the same on every machine: a name's hash as a UUID (PS3.5 annex B.2), so that it stays under 2^128. */
function uidOf(name: string): string {
  const bytes = createHash('sha256').update(`ohif-medsam torso phantom 1 ${name}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return `2.25.${BigInt(`0x${bytes.toString('hex')}`).toString()}`;
}

export const PHANTOM_SERIES: SeriesName = { studyUid: uidOf('study'), seriesUid: uidOf('series') };
/** @param index - 0 is the lowest slice. */
export const phantomSopInstanceUid = (index: number): string => uidOf(`slice ${String(index)}`);

const text = (vr: string, ...Value: readonly (string | number)[]) => ({ vr, Value });
const name = (Alphabetic: string) => ({ vr: 'PN', Value: [{ Alphabetic }] });
const empty = (vr: string) => ({ vr });

const STUDY: DicomJson = {
  '00080005': text('CS', 'ISO_IR 192'),
  '00080008': text('CS', 'ORIGINAL', 'PRIMARY', 'AXIAL'),
  '00080016': text('UI', CT_IMAGE_STORAGE),
  '00080020': text('DA', '20260101'),
  '00080021': text('DA', '20260101'),
  '00080022': text('DA', '20260101'),
  '00080023': text('DA', '20260101'),
  '00080030': text('TM', '080000'),
  '00080031': text('TM', '080000'),
  '00080032': text('TM', '080000'),
  '00080033': text('TM', '080000'),
  '00080050': empty('SH'),
  '00080060': text('CS', 'CT'),
  '00080070': text('LO', 'ohif-medsam'),
  '00080090': empty('PN'),
  '00081030': text('LO', 'Generated phantom, not a patient'),
  '0008103E': text('LO', 'Torso, portal venous phase, 3.75 mm'),
  '00081090': text('LO', 'Torso phantom generator'),
  '00100010': name('Phantom^Torso'),
  '00100020': text('LO', 'PHANTOM-TORSO'),
  '00100030': empty('DA'),
  '00100040': text('CS', 'O'),
  '00100200': text('CS', 'YES'),
  '00180010': text('LO', 'Simulated contrast'),
  '00180015': text('CS', 'ABDOMEN'),
  '00180050': text('DS', SLICE_MM),
  '00180060': text('DS', 120),
  '00181000': text('LO', 'PHANTOM-1'),
  '00181020': text('LO', '1'),
  '00181210': text('SH', 'SOFT'),
  '00185100': text('CS', 'HFS'),
  '0020000D': text('UI', PHANTOM_SERIES.studyUid),
  '0020000E': text('UI', PHANTOM_SERIES.seriesUid),
  '00200010': text('SH', '1'),
  '00200011': text('IS', 1),
  '00200012': text('IS', 1),
  '00200037': text('DS', 1, 0, 0, 0, 1, 0),
  '00200052': text('UI', uidOf('frame of reference')),
  '00201040': empty('LO'),
  '00280002': text('US', 1),
  '00280004': text('CS', 'MONOCHROME2'),
  '00280010': text('US', SIZE),
  '00280011': text('US', SIZE),
  '00280030': text('DS', PIXEL_MM, PIXEL_MM),
  '00280100': text('US', 16),
  '00280101': text('US', 12),
  '00280102': text('US', 11),
  '00280103': text('US', 0),
  '00281050': text('DS', 50),
  '00281051': text('DS', 400),
  '00281052': text('DS', INTERCEPT),
  '00281053': text('DS', 1),
  '00281054': text('LO', 'HU'),
};

/**
 * One slice of the demonstration study as a CT Image Storage file. Numbered from the head, as scanners do.
 * @param index - 0 is the lowest slice.
 * @see DICOM PS3.3 A.3.3
 */
export function phantomFile(index: number): Uint8Array {
  const corner = (-(SIZE - 1) / 2) * PIXEL_MM;
  const zMm = LOWEST_Z_MM + index * SLICE_MM;
  const header = {
    ...STUDY,
    '00080018': text('UI', phantomSopInstanceUid(index)),
    '00200013': text('IS', PHANTOM_SLICES - index),
    '00200032': text('DS', corner, corner, zMm),
    '00201041': text('DS', zMm),
  };
  const stored = Uint16Array.from(phantomSlice(index).hu, (hu) => hu - INTERCEPT);
  return writePart10(header, new Uint8Array(stored.buffer));
}
