import { AppError } from '@ohif-medsam/protocol';
import type { DicomJson, DicomJsonElement } from '../../ports/archive.ts';
import { itemsOf, numberOf, textOf } from '../../ports/dicomJson.ts';
import { ByteSink } from './byteSink.ts';
import { TRANSFER_SYNTAX } from './transferSyntax.ts';

/**
 * A Part 10 file in Explicit VR Little Endian (PS3.5 section 7.1.2 and annex A.2, PS3.10 section 7) from the DICOM JSON Model.
 *
 * Own code because a segmentation of 700 frames has some 50,000 elements: the general writer of dcmjs takes three times the
 * time limit of a save for them and holds several copies of the pixels; this one makes a single pass and a single copy.
 */

/** This implementation's name in the files it writes (PS3.7 annex D.3.3.2). */
const IMPLEMENTATION_CLASS_UID = '2.25.149785977705915437701577508659204221469';
const IMPLEMENTATION_VERSION = 'OHIF_MEDSAM_0_1';

/** VRs whose length field has 32 bits (PS3.5 table 7.1-1). */
const LONG = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

/**
 * @param header - DICOM JSON Model; group 0002 in it is replaced, SpecificCharacterSet has to be ISO_IR 192 if there is text
 *   beyond ASCII, because text is written as UTF-8.
 * @param pixelData - Value of PixelData (7FE0,0010), uncompressed; a byte of padding is added where needed.
 *   Texts that are longer than their VR allows are written as they are: they come from the images, and a study has to keep
 *   its identifiers.
 * @throws RangeError for a value that its VR cannot hold at all, or that is elsewhere (BulkDataURI).
 */
export function writePart10(header: DicomJson, pixelData?: Uint8Array): Uint8Array {
  const dataset = new ByteSink();
  writeDataset(dataset, header, (tag) => !tag.startsWith('0002') && tag !== '7FE00010');
  if (pixelData) {
    dataset.tag('7FE00010');
    // PS3.5 annex A.2
    dataset.text((numberOf(header, '00280100') ?? 8) > 8 ? 'OW' : 'OB');
    dataset.uint16(0);
    dataset.uint32(pixelData.length + (pixelData.length % 2));
  }
  const padding = Buffer.alloc((pixelData?.length ?? 0) % 2);
  return Buffer.concat([fileMeta(header), dataset.bytes(), pixelData ?? Buffer.alloc(0), padding]);
}

/** Preamble and File Meta Information (PS3.10 section 7.1). */
function fileMeta(header: DicomJson): Buffer {
  const sopClass = textOf(header, '00080016');
  const sopInstance = textOf(header, '00080018');
  if (!sopClass || !sopInstance) throw new AppError('dicom-invalid', 'SOP Class or Instance UID is missing.');
  const group = new ByteSink();
  writeDataset(group, {
    '00020001': { vr: 'OB', InlineBinary: 'AAE=' },
    '00020002': { vr: 'UI', Value: [sopClass] },
    '00020003': { vr: 'UI', Value: [sopInstance] },
    '00020010': { vr: 'UI', Value: [TRANSFER_SYNTAX.explicitLittleEndian] },
    '00020012': { vr: 'UI', Value: [IMPLEMENTATION_CLASS_UID] },
    '00020013': { vr: 'SH', Value: [IMPLEMENTATION_VERSION] },
  });
  const length = new ByteSink();
  writeDataset(length, { '00020000': { vr: 'UL', Value: [group.length] } });
  return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), length.bytes(), group.bytes()]);
}

function writeDataset(out: ByteSink, dataset: DicomJson, keep: (tag: string) => boolean = () => true): void {
  // Sorted here: JavaScript lists keys that look like integers (most tags from group 1000 on) before all others.
  for (const tag of Object.keys(dataset).sort()) {
    const element = dataset[tag];
    if (element && keep(tag)) writeElement(out, tag, element, dataset);
  }
}

function writeElement(out: ByteSink, tag: string, element: DicomJsonElement, dataset: DicomJson): void {
  const { vr } = element;
  out.tag(tag);
  out.text(vr);
  const lengthBytes = LONG.has(vr) ? 4 : 2;
  if (lengthBytes === 4) out.uint16(0);
  const lengthAt = out.length;
  out.skip(lengthBytes);
  if (vr === 'SQ') for (const item of itemsOf(dataset, tag)) writeItem(out, item);
  else writeValue(out, tag, element);
  const length = out.length - lengthAt - lengthBytes;
  if (lengthBytes === 4) out.patchUint32(lengthAt, length);
  else if (length < 65_536) out.patchUint16(lengthAt, length);
  else throw new RangeError(`${tag} ${vr}: ${String(length)} bytes`);
}

function writeItem(out: ByteSink, item: DicomJson): void {
  out.tag('FFFEE000');
  const lengthAt = out.length;
  out.skip(4);
  writeDataset(out, item);
  out.patchUint32(lengthAt, out.length - lengthAt - 4);
}

function writeValue(out: ByteSink, tag: string, element: DicomJsonElement): void {
  const { vr, Value = [], InlineBinary, BulkDataURI } = element;
  const start = out.length;
  if (BulkDataURI !== undefined) throw new RangeError(`${tag} ${vr}: its value is elsewhere`);
  if (InlineBinary !== undefined) out.raw(Buffer.from(InlineBinary, 'base64'));
  else
    switch (vr) {
      case 'US':
      case 'SS':
        for (const value of Value) out.uint16(Number(value) & 0xffff);
        break;
      case 'UL':
      case 'SL':
        for (const value of Value) out.uint32(Number(value) >>> 0);
        break;
      case 'UV':
      case 'SV':
        for (const value of Value) out.uint64(BigInt.asUintN(64, BigInt(value as number | string)));
        break;
      case 'FL':
        for (const value of Value) out.float(Number(value));
        break;
      case 'FD':
        for (const value of Value) out.double(Number(value));
        break;
      case 'AT':
        for (const value of Value) out.tag(String(value));
        break;
      default:
        out.text(Value.map((value) => asText(tag, vr, value)).join('\\'));
    }
  if ((out.length - start) % 2 === 1) out.byte(vr === 'UI' || vr === 'OB' || vr === 'UN' ? 0 : 0x20);
}

function asText(tag: string, vr: string, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (vr === 'PN' && typeof value === 'object') return personName(value as Readonly<Record<string, string>>);
  if (typeof value === 'number') return vr === 'DS' ? decimalString(value) : String(value);
  if (typeof value === 'string') return value;
  throw new RangeError(`${tag} ${vr}: ${typeof value}`);
}

function personName({ Alphabetic = '', Ideographic = '', Phonetic = '' }: Readonly<Record<string, string>>): string {
  return [Alphabetic, Ideographic, Phonetic].join('=').replace(/=+$/, '');
}

/** A number in at most 16 characters, with as many digits as fit (PS3.5 table 6.2-1, DS). */
export function decimalString(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`DS: ${String(value)}`);
  for (let digits = 17; ; digits--) {
    const rounded = Number(value.toPrecision(digits));
    // Zeros after the point take the place of digits: -0.0000012345678 where -1.2345678901e-6 would fit.
    const text = [String(rounded), rounded.toExponential()].find(({ length }) => length <= 16);
    if (text !== undefined) return text;
  }
}
