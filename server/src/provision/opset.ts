import { open, type FileHandle } from 'node:fs/promises';

/** Fields of ModelProto and OperatorSetIdProto. @see onnx.proto */
const OPSET_IMPORT = 8;
const DOMAIN = 1;
const VERSION = 2;
/** Wire types of protobuf. */
const VARINT = 0;
const LENGTH = 2;

/**
 * Version of the standard operators that an ONNX file was written for. The graph, hundreds of megabytes, is stepped over.
 * @returns Undefined if the file is not ONNX, or names none.
 */
export async function opsetOf(path: string): Promise<number | undefined> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    for (let at = 0; at < size;) {
      const key = await varintAt(file, at);
      const length = await varintAt(file, key.next);
      const wireType = key.value % 8;
      if (wireType !== VARINT && wireType !== LENGTH) return undefined;
      at = length.next + (wireType === LENGTH ? length.value : 0);
      if (wireType !== LENGTH || (key.value - LENGTH) / 8 !== OPSET_IMPORT || at > size) continue;
      const version = standardVersion(await read(file, length.next, length.value));
      if (version !== undefined) return version;
    }
    return undefined;
  } finally {
    await file.close();
  }
}

/** The version in one OperatorSetIdProto, if it is of the standard operators: their domain has no name. */
function standardVersion(message: Buffer): number | undefined {
  let version: number | undefined;
  for (let at = 0; at < message.length;) {
    const key = varint(message, at);
    const value = varint(message, key.next);
    at = value.next + (key.value % 8 === LENGTH ? value.value : 0);
    const field = Math.floor(key.value / 8);
    if (field === DOMAIN && value.value > 0) return undefined;
    if (field === VERSION) version = value.value;
  }
  return version;
}

const LONGEST_VARINT = 10;
const varintAt = async (file: FileHandle, at: number) => {
  const { value, next } = varint(await read(file, at, LONGEST_VARINT), 0);
  return { value, next: at + next };
};

/** @returns The number, exact below 2^53, and where the next one begins. */
function varint(bytes: Buffer, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let n = 0; n < LONGEST_VARINT; n++) {
    const byte = bytes[at + n] ?? 0;
    value += (byte & 127) * 2 ** (7 * n);
    if (byte < 128) return { value, next: at + n + 1 };
  }
  return { value, next: at + LONGEST_VARINT };
}

async function read(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}
