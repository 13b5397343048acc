/** Volumes from NIfTI files, gzipped or not. */
import { AppError } from '@ohif-medsam/protocol';
import { decompress, isCompressed, isNIFTI, readHeader, readImage } from 'nifti-reader-js';
import type { PixelArray } from '../../ports/sliceStore.ts';
import type { Grid } from './grid.ts';

interface ArrayType {
  new (buffer: ArrayBuffer): PixelArray | Int32Array | Float64Array;
  readonly BYTES_PER_ELEMENT: number;
}

/** @see nifti1.h, datatype */
const TYPES: Readonly<Record<number, ArrayType>> = {
  2: Uint8Array,
  4: Int16Array,
  8: Int32Array,
  16: Float32Array,
  64: Float64Array,
  256: Int8Array,
  512: Uint16Array,
};

/**
 * @param path - Named in errors.
 * @throws AppError `input-invalid` if it is no NIfTI file of one volume of numbers, or breaks off.
 */
export function readNifti(bytes: Uint8Array, path: string): Grid {
  const wrong = (what: string, cause?: unknown) => new AppError('input-invalid', `${path} ${what}.`, { cause });
  const file = plainBytes(bytes);
  if (!file || !isNIFTI(file)) throw wrong('is no NIfTI file');
  const header = readHeader(file);
  const [, columns = 0, rows = 0, slices = 0, ...more] = header.dims;
  const Type = TYPES[header.datatypeCode];
  const isVolume = header.dims[0] === 3 || more.every((size) => size <= 1);
  if (!Type || !header.littleEndian || !isVolume) throw wrong('is no little-endian volume of real numbers');
  const voxels = columns * rows * slices;
  const image = readImage(header, file);
  if (image.byteLength < voxels * Type.BYTES_PER_ELEMENT) throw wrong('breaks off');
  const stored = new Type(image).subarray(0, voxels);
  // 0 and NaN stand for "not scaled".
  const [slope, intercept] = [header.scl_slope || 1, header.scl_inter || 0];
  const isPlain = slope === 1 && intercept === 0;
  const isWide = stored instanceof Int32Array || stored instanceof Float64Array;
  const data: PixelArray =
    isPlain && !isWide ? stored : Float32Array.from(stored, (value) => value * slope + intercept);
  return { size: [columns, rows, slices], data, affine: header.affine };
}

function plainBytes(bytes: Uint8Array): ArrayBuffer | undefined {
  const file = Uint8Array.from(bytes).buffer;
  try {
    return isCompressed(file) ? (decompress(file) as ArrayBuffer) : file;
  } catch {
    return undefined;
  }
}
