import charls from '@cornerstonejs/codec-charls/decodewasmjs';
import libjpegTurbo from '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs';
import openjpeg from '@cornerstonejs/codec-openjpeg/decodewasmjs';
import openjph from '@cornerstonejs/codec-openjph/wasmjs';
import { interleave } from './colour.ts';

/** A decoder compiled to WebAssembly. `getEncodedBuffer` makes room for the stream, `getDecodedBuffer` shows the pixels. */
interface WasmDecoder {
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getDecodedBuffer(): Uint8Array;
  getFrameInfo(): { readonly componentCount: number };
  /** JPEG-LS only: 0 means one scan for each component (ISO/IEC 14495-1 annex C.2.3), which is decoded plane by plane. */
  getInterleaveMode?(): number;
  delete(): void;
}
type WasmModule = Readonly<Record<string, (new () => WasmDecoder) | undefined>>;

/** Libraries that tell every tile's story on the output of a command; each gets a copy, which it makes its own module. */
const QUIET = { print: () => undefined, printErr: () => undefined };

/** Loads a library when it is first needed. @param name - Its decoder class. */
function lazily(open: (options: object) => Promise<unknown>, name: string): () => Promise<new () => WasmDecoder> {
  let module: Promise<WasmModule> | undefined;
  return async () => {
    const Decoder = (await (module ??= open({ ...QUIET }) as Promise<WasmModule>))[name];
    if (!Decoder) throw new RangeError(`the codec has no ${name}`);
    return Decoder;
  };
}

const jpeg = lazily(libjpegTurbo, 'JPEGDecoder');
const jpegLs = lazily(charls, 'JpegLSDecoder');
const jpeg2000 = lazily(openjpeg, 'J2KDecoder');
const highThroughput = lazily(openjph, 'HTJ2KDecoder');

/**
 * Decoders by transfer syntax (PS3.6 annex A). The packages' WebAssembly builds are loaded here one by one because dicom-codec
 * always takes their plain JavaScript, which needs 13 s for a mammogram instead of 3 s.
 */
const DECODERS: Readonly<Record<string, () => Promise<new () => WasmDecoder>>> = {
  '1.2.840.10008.1.2.4.50': jpeg,
  '1.2.840.10008.1.2.4.80': jpegLs,
  '1.2.840.10008.1.2.4.81': jpegLs,
  '1.2.840.10008.1.2.4.90': jpeg2000,
  '1.2.840.10008.1.2.4.91': jpeg2000,
  '1.2.840.10008.1.2.4.201': highThroughput,
  '1.2.840.10008.1.2.4.202': highThroughput,
  '1.2.840.10008.1.2.4.203': highThroughput,
};

export const hasWasmDecoder = (transferSyntaxUid: string): boolean => transferSyntaxUid in DECODERS;

/**
 * @returns Decoded samples by pixel, little endian, one or two bytes each; a copy, because the decoder's memory is used again.
 * @throws whatever the library throws, numbers among it, for a damaged stream.
 */
export async function decodeWasm(frame: Uint8Array, transferSyntaxUid: string): Promise<Uint8Array<ArrayBuffer>> {
  const Decoder = await DECODERS[transferSyntaxUid]?.();
  if (!Decoder) throw new RangeError(transferSyntaxUid);
  const decoder = new Decoder();
  try {
    decoder.getEncodedBuffer(frame.length).set(frame);
    decoder.decode();
    const samples = Uint8Array.from(decoder.getDecodedBuffer());
    const byPlane = decoder.getInterleaveMode?.() === 0 && decoder.getFrameInfo().componentCount === 3;
    return byPlane ? interleave(samples) : samples;
  } finally {
    decoder.delete();
  }
}
