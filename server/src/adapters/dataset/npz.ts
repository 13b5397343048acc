/** Arrays of numpy from an `.npz` file: a zip of `.npy` files. */
import { AppError } from '@ohif-medsam/protocol';
import { unzipSync } from 'fflate';

export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: NumberArray;
  /** The first axis runs fastest. */
  readonly fortranOrder: boolean;
}

type NumberArray = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Float32Array | Float64Array;

/** Of one byte, or little-endian. */
const TYPES: Readonly<Record<string, new (buffer: ArrayBuffer) => NumberArray>> = {
  '|b1': Uint8Array,
  '|u1': Uint8Array,
  '|i1': Int8Array,
  '<i2': Int16Array,
  '<u2': Uint16Array,
  '<i4': Int32Array,
  '<f4': Float32Array,
  '<f8': Float64Array,
};

/**
 * @param path - Named in errors.
 * @returns The arrays by their names, without `.npy`.
 * @throws AppError `input-invalid` if the file is no zip, or holds an array of another kind.
 */
export function readNpz(bytes: Uint8Array, path: string): ReadonlyMap<string, NpyArray> {
  const wrong = (what: string, cause?: unknown) => new AppError('input-invalid', `${path} ${what}.`, { cause });
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes);
  } catch (cause) {
    throw wrong('is no .npz file', cause);
  }
  return new Map(
    Object.entries(files).map(([name, file]) => {
      const array = readNpy(file);
      if (!array) throw wrong(`holds "${name}", which is no array of numbers this can read`);
      return [name.replace(/\.npy$/, ''), array];
    }),
  );
}

/**
 * @returns undefined for what is no array of one of the types above.
 * @see numpy.lib.format: magic, version, length of the header, the header as a Python literal
 */
function readNpy(file: Uint8Array): NpyArray | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.byteLength < 12 || view.getUint32(0) !== 0x934e554d) return undefined;
  const [start, length] = file[6] === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  const header = new TextDecoder().decode(file.subarray(start, start + length));
  const [, type] = /'descr': '([^']+)'/.exec(header) ?? [];
  const [, sizes] = /'shape': \(([^)]*)\)/.exec(header) ?? [];
  const Type = TYPES[type ?? ''];
  if (!Type || sizes === undefined) return undefined;
  const shape = sizes.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]));
  const content = file.slice(start + length).buffer;
  const data = content.byteLength % Number(/\d+$/.exec(type ?? '')?.[0]) === 0 ? new Type(content) : undefined;
  const fortranOrder = header.includes("'fortran_order': True");
  return data?.length === shape.reduce((product, size) => product * size, 1)
    ? { shape, data, fortranOrder }
    : undefined;
}
