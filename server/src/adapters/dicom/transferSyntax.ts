/** Transfer syntaxes (PS3.6 annex A) that are handled apart from the codec library. */
export const TRANSFER_SYNTAX = {
  implicitLittleEndian: '1.2.840.10008.1.2',
  explicitLittleEndian: '1.2.840.10008.1.2.1',
  deflatedLittleEndian: '1.2.840.10008.1.2.1.99',
  explicitBigEndian: '1.2.840.10008.1.2.2',
  jpegBaseline: '1.2.840.10008.1.2.4.50',
  jpegExtended: '1.2.840.10008.1.2.4.51',
  jpegLossless: '1.2.840.10008.1.2.4.57',
  jpegLosslessFirstOrder: '1.2.840.10008.1.2.4.70',
  rle: '1.2.840.10008.1.2.5',
} as const;

const NATIVE: ReadonlySet<string> = new Set([
  TRANSFER_SYNTAX.implicitLittleEndian,
  TRANSFER_SYNTAX.explicitLittleEndian,
  TRANSFER_SYNTAX.deflatedLittleEndian,
  TRANSFER_SYNTAX.explicitBigEndian,
]);

/** Whether frames lie uncompressed one after the other (PS3.5 section 8.1.1). */
export const isNative = (transferSyntaxUid: string): boolean => NATIVE.has(transferSyntaxUid);

const JPEG: ReadonlySet<string> = new Set([
  TRANSFER_SYNTAX.jpegBaseline,
  TRANSFER_SYNTAX.jpegExtended,
  TRANSFER_SYNTAX.jpegLossless,
  TRANSFER_SYNTAX.jpegLosslessFirstOrder,
]);

/**
 * How a compressed frame is really encoded: files exist that hold lossy JPEG and call it lossless. A JPEG stream says it in
 * its start-of-frame marker (ISO/IEC 10918-1 table B.1).
 */
export function encodingOf(frame: Uint8Array, transferSyntaxUid: string): string {
  if (!JPEG.has(transferSyntaxUid)) return transferSyntaxUid;
  const marker = startOfFrame(frame);
  if (marker === 0xc3) return TRANSFER_SYNTAX.jpegLosslessFirstOrder;
  return marker === 0xc0 || marker === 0xc1 || marker === 0xc2 ? TRANSFER_SYNTAX.jpegBaseline : transferSyntaxUid;
}

function startOfFrame(frame: Uint8Array): number | undefined {
  for (let at = 2; at + 4 < frame.length;) {
    const marker = frame[at + 1] ?? 0;
    if (frame[at] !== 0xff) return undefined;
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) return marker;
    at += marker === 0xff ? 1 : 2 + ((frame[at + 2] ?? 0) << 8) + (frame[at + 3] ?? 0);
  }
  return undefined;
}
