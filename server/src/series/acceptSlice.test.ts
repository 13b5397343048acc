import { createHash } from 'node:crypto';
import { slicePutSchema, type SlicePut } from '@ohif-medsam/protocol';
import { expect, it } from 'vitest';
import { acceptSlice } from './acceptSlice.ts';
import { imagesAround, joinSeries } from './openSeries.ts';

const COLUMNS = 3;
const ROWS = 2;
const whole = joinSeries(undefined, {
  studyUid: '1.1',
  seriesUid: '1.2',
  modality: 'CT',
  frames: [1, 2, 3, 4].map((n) => ({
    sopInstanceUid: `1.3.${String(n)}`,
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    frameNumber: 1,
    rows: ROWS,
    columns: COLUMNS,
  })),
});
const series = imagesAround(whole, undefined);
const values = Int16Array.of(-1024, 0, 40, 300, -5, 32767);

function push(over: Partial<SlicePut> = {}): SlicePut {
  const pixels = over.pixels ?? new Uint8Array(values.buffer);
  const hash = createHash('sha256').update(pixels).digest('hex');
  const plane = { axis: 'k', frame: '1.3.2/1' } as const;
  return slicePutSchema.parse({
    seriesUid: '1.2',
    plane,
    hash,
    columns: COLUMNS,
    rows: ROWS,
    components: 1,
    type: 'int16',
    ...over,
    pixels,
  });
}

it('keeps the numbers, also when the bytes came at an odd offset', () => {
  const shifted = new Uint8Array(values.byteLength + 1);
  shifted.set(new Uint8Array(values.buffer), 1);
  expect(acceptSlice(series, push()).pixels).toEqual(values);
  expect(acceptSlice(series, push({ pixels: shifted.subarray(1) })).pixels).toEqual(values);
  expect(acceptSlice(series, push({ pixels: Buffer.from(shifted).subarray(1) })).pixels).toEqual(values);
});

it('takes planes of the other axes, whose rows are the frames', () => {
  const pixels = new Uint8Array(ROWS * 4);
  const put = push({ plane: { axis: 'i', index: 2 }, columns: ROWS, rows: 4, type: 'uint8', pixels });
  expect(acceptSlice(series, put)).toMatchObject({ columns: ROWS, rows: 4 });
});

it.each([
  ['another size than its series', push({ columns: 6, rows: 1 }), 'slice-mismatch', '6 x 1'],
  [
    'a frame of another series',
    push({ plane: { axis: 'k', frame: '9.9/1' } }),
    'slice-mismatch',
    'not one of the series',
  ],
  ['a plane outside the volume', push({ plane: { axis: 'j', index: ROWS } }), 'slice-mismatch', 'axis j'],
  ['too few bytes', push({ pixels: new Uint8Array(11) }), 'slice-corrupt', 'expected 12'],
  ['bytes that are not the named ones', push({ hash: '0'.repeat(64) }), 'slice-corrupt', 'hash'],
])('refuses %s', (_what, put, code, text) => {
  expect(() => acceptSlice(series, put)).toThrow(expect.objectContaining({ code }));
  expect(() => acceptSlice(series, put)).toThrow(text);
});
