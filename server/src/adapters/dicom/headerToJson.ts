import dicomParser, { type DataSet, type Element } from 'dicom-parser';
import type { DicomJson, DicomJsonElement } from '../../ports/archive.ts';
import { textDecoderFor, type DecodeText } from './characterSet.ts';
import { vrOf } from './dictionary.ts';

/** Larger binary values (private blobs, waveforms) stay in the file: metadata is sent to every viewer. */
const INLINE_BYTES = 65_536;
/** Lookup tables, at most 128 KiB each: without them pixels cannot be read, and no address leads into a sequence. */
const TABLES = new Set(['x00281201', 'x00281202', 'x00281203', 'x00283006']);

const PIXEL_DATA = new Set(['x7fe00008', 'x7fe00009', 'x7fe00010']);
const TEXT_BLOCK = new Set(['LT', 'ST', 'UT', 'UR']);
const EXTENDED_TEXT = new Set(['LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UT']);
const WORD_BYTES: Readonly<Record<string, number>> = { OW: 2, OF: 4, OL: 4, OD: 8, OV: 8 };

interface Reading {
  readonly decode: DecodeText;
  readonly signed: boolean;
  readonly bigEndian: boolean;
}

/**
 * Turns a parsed file into the DICOM JSON Model (PS3.18 annex F), numbers as numbers, text decoded to Unicode. Pixel data
 * and group lengths are left out, binary values over {@link INLINE_BYTES} appear without their value, but for lookup tables.
 * @param keep - Which tags to take, for example only the file meta group.
 */
export function headerToJson(dataSet: DataSet, bigEndian: boolean, keep: (tag: string) => boolean): DicomJson {
  const signed = dataSet.elements['x00280103'] !== undefined && dataSet.uint16('x00280103') === 1;
  return convert(dataSet, { decode: textDecoderFor([]), signed, bigEndian }, keep);
}

function convert(dataSet: DataSet, outer: Reading, keep: (tag: string) => boolean = () => true): DicomJson {
  const charset = dataSet.elements['x00080005'];
  const reading = charset ? { ...outer, decode: textDecoderFor(strings(dataSet, charset, 'CS', outer)) } : outer;
  const json: Record<string, DicomJsonElement> = {};
  for (const [name, element] of Object.entries(dataSet.elements)) {
    const tag = name.slice(1).toUpperCase();
    if (tag.endsWith('0000') || tag.startsWith('FFF') || PIXEL_DATA.has(name) || !keep(tag)) continue;
    json[tag] = toJson(dataSet, element, tag, reading);
  }
  return json;
}

function toJson(dataSet: DataSet, element: Element, tag: string, reading: Reading): DicomJsonElement {
  const written = element.vr;
  const vr = written === undefined || written === 'UN' ? vrOf(tag, reading.signed) : written;
  const items = element.items ?? (vr === 'SQ' ? itemsOfUnknown(dataSet, element) : undefined);
  if (items) {
    const Value = items.flatMap((item) => (item.dataSet ? [convert(item.dataSet, reading)] : []));
    return Value.length > 0 ? { vr: 'SQ', Value } : { vr: 'SQ' };
  }
  if (element.length <= 0 || vr === 'SQ') return { vr };
  if (vr === 'UN' || vr === 'OB' || vr in WORD_BYTES) return binary(dataSet, element, vr, reading);
  const Value = values(dataSet, element, vr, reading);
  return Value.length > 0 ? { vr, Value } : { vr };
}

/** A sequence written as UN is encoded Implicit VR Little Endian whatever the file's syntax says (PS3.5 section 6.2.2). */
function itemsOfUnknown(dataSet: DataSet, element: Element): Element[] {
  const end = element.dataOffset + element.length;
  const stream = new dicomParser.ByteStream(
    dicomParser.littleEndianByteArrayParser,
    dataSet.byteArray.subarray(0, end),
    element.dataOffset,
  );
  dicomParser.readSequenceItemsImplicit(stream, element, implicitVr as (tag: string) => string);
  return element.items ?? [];
}

/**
 * For dicom-parser, which asks of each tag `xGGGGEEEE` of an implicit file whether it is a sequence. Of what the dictionary does not
 * know it finds out itself, by what follows; delimiters, which are followed by items too, are none.
 */
export function implicitVr(tag: string): string | undefined {
  const vr = vrOf(tag.slice(1).toUpperCase(), false);
  if (vr === 'UN' && !tag.startsWith('xfffe')) return undefined;
  return vr === 'SQ' ? 'SQ' : 'UN';
}

function binary(dataSet: DataSet, element: Element, vr: string, reading: Reading): DicomJsonElement {
  if (element.length > INLINE_BYTES && !TABLES.has(element.tag)) return { vr };
  const bytes = Buffer.from(dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + element.length));
  const word = reading.bigEndian ? (WORD_BYTES[vr] ?? 1) : 1;
  if (word > 1) for (let at = 0; at + word <= bytes.length; at += word) bytes.subarray(at, at + word).reverse();
  return { vr, InlineBinary: bytes.toString('base64') };
}

function values(dataSet: DataSet, element: Element, vr: string, reading: Reading): unknown[] {
  switch (vr) {
    case 'US':
      return numbers(element, 2, (at) => dataSet.uint16(element.tag, at));
    case 'SS':
      return numbers(element, 2, (at) => dataSet.int16(element.tag, at));
    case 'UL':
      return numbers(element, 4, (at) => dataSet.uint32(element.tag, at));
    case 'SL':
      return numbers(element, 4, (at) => dataSet.int32(element.tag, at));
    case 'FL':
      return numbers(element, 4, (at) => dataSet.float(element.tag, at));
    case 'FD':
      return numbers(element, 8, (at) => dataSet.double(element.tag, at));
    case 'UV':
    case 'SV':
      return numbers(element, 8, (at) => bigInteger(dataSet, element, vr, at, reading.bigEndian));
    case 'AT':
      return numbers(element, 4, (at) => attributeTag(dataSet, element, at));
    case 'DS':
    case 'IS':
      return strings(dataSet, element, vr, reading).map((text) => numeric(text));
    case 'PN':
      return strings(dataSet, element, vr, reading).map(personName);
    default:
      return TEXT_BLOCK.has(vr) ? textBlock(dataSet, element, vr, reading) : strings(dataSet, element, vr, reading);
  }
}

function numbers<T>(element: Element, bytes: number, read: (at: number) => T | undefined): (T | null)[] {
  return Array.from({ length: Math.floor(element.length / bytes) }, (_, at) => read(at) ?? null);
}

/** Integers past 2^53 travel as text (PS3.18 F.2.2). */
function bigInteger(
  dataSet: DataSet,
  element: Element,
  vr: string,
  index: number,
  bigEndian: boolean,
): number | string {
  const at = element.dataOffset + index * 8;
  const view = new DataView(dataSet.byteArray.buffer, dataSet.byteArray.byteOffset + at, 8);
  const big = vr === 'UV' ? view.getBigUint64(0, !bigEndian) : view.getBigInt64(0, !bigEndian);
  const number = Number(big);
  return Number.isSafeInteger(number) ? number : big.toString();
}

function attributeTag(dataSet: DataSet, element: Element, index: number): string {
  const at = element.dataOffset + index * 4;
  const half = (offset: number) =>
    (element.parser ?? dataSet.byteArrayParser)
      .readUint16(dataSet.byteArray, at + offset)
      .toString(16)
      .padStart(4, '0');
  return (half(0) + half(2)).toUpperCase();
}

function decoded(dataSet: DataSet, element: Element, vr: string, { decode }: Reading): string {
  const bytes = dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
  // Text outside of these VRs is the default repertoire: a stray byte there must not be guessed at in a multi-byte set.
  return EXTENDED_TEXT.has(vr) ? decode(bytes) : Buffer.from(bytes).toString('latin1');
}

/** Padding is a trailing space, or a NUL that careless writers put in its place. */
const TRAILING = /[ \0]+$/;

const strings = (dataSet: DataSet, element: Element, vr: string, reading: Reading): string[] =>
  decoded(dataSet, element, vr, reading)
    .replace(TRAILING, '')
    .split('\\')
    .map((text) => text.replace(TRAILING, '').trimStart());

function textBlock(dataSet: DataSet, element: Element, vr: string, reading: Reading): string[] {
  const text = decoded(dataSet, element, vr, reading).replace(TRAILING, '');
  return text === '' ? [] : [text];
}

function numeric(text: string): number | null {
  const number = Number(text);
  return text === '' || !Number.isFinite(number) ? null : number;
}

function personName(text: string): Record<string, string> | null {
  const [alphabetic = '', ideographic = '', phonetic = ''] = text.split('=');
  if (text === '') return null;
  return {
    ...(alphabetic && { Alphabetic: alphabetic }),
    ...(ideographic && { Ideographic: ideographic }),
    ...(phonetic && { Phonetic: phonetic }),
  };
}
