import { createHash } from 'node:crypto';
import { AppError, PIXEL_BYTES, planeSize, type Plane, type SlicePut } from '@ohif-medsam/protocol';
import type { PixelArray, Slice } from '../ports/sliceStore.ts';
import type { OpenSeries } from './openSeries.ts';

const ARRAYS = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  float32: Float32Array,
} as const;

/** @throws AppError `slice-mismatch` if the plane does not lie in the series, `series-mixed` if the series has none like it. */
export function checkPlane(series: OpenSeries, plane: Plane): { columns: number; rows: number } {
  if (plane.axis === 'k') {
    if (!series.frameKeys.includes(plane.frame))
      throw new AppError('slice-mismatch', 'The frame is not one of the series.');
  } else {
    if (!series.isStack)
      throw new AppError('series-mixed', 'They lie in different directions, so there are no planes across them.');
    const count = plane.axis === 'i' ? series.columns : series.rows;
    if (plane.index >= count)
      throw new AppError(
        'slice-mismatch',
        `Plane ${String(plane.index)} of axis ${plane.axis}, which has ${String(count)}.`,
      );
  }
  return planeSize(plane, { columns: series.columns, rows: series.rows, frames: series.frames.length });
}

/**
 * Whether a slice has the size of its plane in the series as it is now: planes across the frames grow with it.
 * @throws AppError as {@link checkPlane}
 */
export function fits(series: OpenSeries, { plane, columns, rows }: Slice): boolean {
  const size = checkPlane(series, plane);
  return columns === size.columns && rows === size.rows;
}

/**
 * Makes a slice of what was pushed. The hash is computed again: a slice stands for everybody who has the series open.
 * @throws AppError `slice-mismatch` (does not fit the series), `slice-corrupt` (bytes do not fit length or hash)
 */
export function acceptSlice(series: OpenSeries, put: SlicePut): Slice {
  const expected = checkPlane(series, put.plane);
  if (put.columns !== expected.columns || put.rows !== expected.rows)
    throw new AppError(
      'slice-mismatch',
      `Got ${String(put.columns)} x ${String(put.rows)} pixels, the plane has ${String(expected.columns)} x ${String(expected.rows)}.`,
    );
  const bytes = put.columns * put.rows * put.components * PIXEL_BYTES[put.type];
  if (put.pixels.byteLength !== bytes)
    throw new AppError('slice-corrupt', `Got ${String(put.pixels.byteLength)} bytes, expected ${String(bytes)}.`);
  if (createHash('sha256').update(put.pixels).digest('hex') !== put.hash)
    throw new AppError('slice-corrupt', 'The hash differs.');
  const { seriesUid, plane, hash, columns, rows, components, slope, intercept, invert, padding } = put;
  const facts = { seriesUid, plane, hash, columns, rows, components, slope, intercept, invert };
  return { ...facts, ...(padding && { padding }), pixels: toPixelArray(put.type, put.pixels) };
}

/** A view where alignment allows it, else a copy. */
function toPixelArray(type: SlicePut['type'], bytes: Uint8Array): PixelArray {
  const Numbers = ARRAYS[type];
  const aligned = bytes.byteOffset % PIXEL_BYTES[type] === 0;
  const { buffer, byteOffset, byteLength } = aligned ? bytes : new Uint8Array(bytes);
  return new Numbers(buffer as ArrayBuffer, byteOffset, byteLength / PIXEL_BYTES[type]);
}
