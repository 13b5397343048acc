import { constants, inflateRawSync } from 'node:zlib';
import { AppError } from '@ohif-medsam/protocol';
import dicomParser, { type ByteStream, type DataSet } from 'dicom-parser';
import type { DicomJson } from '../../ports/archive.ts';
import { textOf } from '../../ports/dicomJson.ts';
import { headerToJson, implicitVr } from './headerToJson.ts';
import { TRANSFER_SYNTAX } from './transferSyntax.ts';

/** A deflated file may not grow past this: 1 GiB of zeros fits into one megabyte. */
const INFLATED_BYTES = 1024 ** 3;

/**
 * dicom-parser looks for the length of 64-bit values in the wrong place, because it does not know these VRs. Called UN, which are
 * laid out alike (PS3.5 section 7.1.2), they are stepped over rightly, and the dictionary tells afterwards what they are.
 */
const VALUES_OF_64_BITS = new Set(['OV', 'SV', 'UV']);
const { prototype } = dicomParser.ByteStream;
const { readFixedString } = prototype;
prototype.readFixedString = function (this: ByteStream, length) {
  const text = readFixedString.call(this, length);
  return VALUES_OF_64_BITS.has(text) ? 'UN' : text;
};

export interface Part10 {
  /** File Meta Information (group 0002). */
  readonly meta: DicomJson;
  /** Everything else but pixel data. */
  readonly header: DicomJson;
  readonly transferSyntaxUid: string;
  /** The parsed elements over the (inflated) bytes of the file, for the pixel data. */
  readonly dataSet: DataSet;
}

/**
 * Reads a DICOM file (PS3.10 section 7) in any standard transfer syntax. Pixel data is found, not decoded or copied.
 * @param file - The whole file; kept alive by the result.
 * @throws AppError `dicom-invalid` if it is no DICOM file or ends early.
 */
export function readPart10(file: Uint8Array): Part10 {
  if (file.length < 132 || Buffer.from(file.subarray(128, 132)).toString('latin1') !== 'DICM')
    throw new AppError('dicom-invalid', 'It does not start with the preamble and "DICM" of a DICOM file.');
  const dataSet = parse(file);
  const meta = headerToJson(dataSet, false, (tag) => tag.startsWith('0002'));
  const transferSyntaxUid = textOf(meta, '00020010') ?? '';
  const bigEndian = transferSyntaxUid === TRANSFER_SYNTAX.explicitBigEndian;
  const header = guarded(() => headerToJson(dataSet, bigEndian, (tag) => !tag.startsWith('0002')));
  if (textOf(header, '00080018') === undefined)
    throw new AppError('dicom-invalid', 'It has no SOP Instance UID (0008,0018); its header may be cut off.');
  return { meta, header, transferSyntaxUid, dataSet };
}

function parse(file: Uint8Array): DataSet {
  const dataSet = guarded(() => dicomParser.parseDicom(file, { vrCallback: implicitVr, inflater: inflate }));
  // An empty private element at the end of an implicit file brings such a warning too, and nothing is missing.
  const cut = dataSet.warnings.find((warning) => warning.includes('eof encountered') && !warning.includes('peeking'));
  if (cut !== undefined) throw new AppError('dicom-invalid', 'It ends in the middle of a sequence.');
  return dataSet;
}

/** The header as it stands, then the inflated rest: offsets in the header stay right (PS3.5 annex A.5). */
function inflate(file: Uint8Array, position: number): Uint8Array {
  // A missing final block is met when the elements end early; zlib's own error would only say "unexpected end of file".
  const rest = inflateRawSync(file.subarray(position), {
    finishFlush: constants.Z_SYNC_FLUSH,
    maxOutputLength: INFLATED_BYTES,
  });
  return Buffer.concat([file.subarray(0, position), rest]);
}

/** Whatever a parser stumbles over in foreign bytes is the file's fault: it throws texts, errors and RangeErrors alike. */
function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('dicom-invalid', 'Its elements break off or overlap.', { cause });
  }
}
