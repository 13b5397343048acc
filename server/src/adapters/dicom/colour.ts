import { AppError } from '@ohif-medsam/protocol';
import type { DicomJson } from '../../ports/archive.ts';
import { numbersOf } from '../../ports/dicomJson.ts';

/** Sample by plane -> sample by pixel: RRR GGG BBB -> RGB RGB RGB. */
export function interleave(planes: Uint8Array): Uint8Array<ArrayBuffer> {
  const pixels = planes.length / 3;
  const out = new Uint8Array(planes.length);
  for (let p = 0; p < pixels; p++) for (let c = 0; c < 3; c++) out[3 * p + c] = planes[c * pixels + p] ?? 0;
  return out;
}

/** Y Y Cb Cr of two neighbouring pixels -> Y Cb Cr of each (PS3.3 C.7.6.3.1.2). */
export function upsample422(shared: Uint8Array): Uint8Array {
  const out = new Uint8Array((shared.length / 2) * 3);
  for (let from = 0, to = 0; from + 3 < shared.length; from += 4, to += 6) {
    const [y0 = 0, y1 = 0, cb = 0, cr = 0] = shared.subarray(from, from + 4);
    out.set([y0, cb, cr, y1, cb, cr], to);
  }
  return out;
}

/** YCbCr by pixel, full range, CCIR 601 -> RGB (PS3.3 C.7.6.3.1.2, solved for RGB). */
export function ybrToRgb(ybr: Uint8Array): Uint8Array {
  const out = new Uint8ClampedArray(ybr.length);
  for (let p = 0; p < ybr.length; p += 3) {
    const y = ybr[p] ?? 0;
    const cb = (ybr[p + 1] ?? 0) - 128;
    const cr = (ybr[p + 2] ?? 0) - 128;
    out[p] = y + 1.402 * cr;
    out[p + 1] = y - 0.344136 * cb - 0.714136 * cr;
    out[p + 2] = y + 1.772 * cb;
  }
  return new Uint8Array(out.buffer);
}

/** A lookup table of DICOM: `first` stored number of the table, and its entries. */
export interface Lut {
  readonly first: number;
  readonly entries: Uint16Array;
  readonly bits: number;
}

/**
 * Reads a table by its descriptor [entries, first stored number, bits] (PS3.3 C.11.1.1.1, C.7.6.3.1.5).
 * @param signed - Whether stored numbers are: the descriptor's second value is then, too.
 */
export function lutOf(header: DicomJson, descriptorTag: string, dataTag: string, signed: boolean): Lut {
  const [count = 0, first = 0, bits = 16] = numbersOf(header, descriptorTag);
  // A signed image's descriptor is read as signed throughout, though this value never is; 0 stands for 2^16.
  const length = count & 0xffff || 65_536;
  const data = header[dataTag];
  const bytes = Buffer.from(data?.InlineBinary ?? '', 'base64');
  const entries = new Uint16Array(length);
  if (data?.Value) entries.set(numbersOf(header, dataTag).slice(0, length));
  else if (bytes.length >= 2 * length) for (let n = 0; n < length; n++) entries[n] = bytes.readUInt16LE(2 * n);
  else if (bytes.length >= length) entries.set(bytes.subarray(0, length));
  else throw new AppError('dicom-unsupported', `The lookup table ${dataTag} is missing or shorter than it says.`);
  return { first: signed && first > 32_767 ? first - 65_536 : first, entries, bits };
}

/** Entry of a stored number; numbers outside of the table take its ends. */
export const lookUp = ({ first, entries }: Lut, stored: number): number =>
  entries[Math.min(entries.length - 1, Math.max(0, stored - first))] ?? 0;

/** PALETTE COLOR -> RGB, 8 bits (PS3.3 C.7.6.3.1.5, C.7.9). */
export function paletteToRgb(stored: ArrayLike<number>, palette: DicomJson, signed: boolean): Uint8Array {
  const tables = ['1', '2', '3'].map((n) => lutOf(palette, `0028110${n}`, `0028120${n}`, signed));
  const out = new Uint8Array(stored.length * 3);
  tables.forEach((table, c) => {
    // Entries of 16 bits keep their value in the high byte, but some writers fill 16-bit entries with 8-bit numbers.
    const shift = table.bits > 8 && table.entries.some((entry) => entry > 255) ? 8 : 0;
    for (let p = 0; p < stored.length; p++) out[3 * p + c] = lookUp(table, stored[p] ?? 0) >> shift;
  });
  return out;
}
