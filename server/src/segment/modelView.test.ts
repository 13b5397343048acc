import fc from 'fast-check';
import { expect, it } from 'vitest';
import { memorySliceStore } from '../adapters/memory/sliceStore.ts';
import { modelView, shrink } from './modelView.ts';

const imageOf = (columns: number, rows: number, components: 1 | 3, valueAt: (x: number, y: number) => number) => ({
  key: '',
  columns,
  rows,
  components,
  pixels: Uint8Array.from({ length: columns * rows * components }, (_, at) => {
    const pixel = Math.floor(at / components);
    return valueAt(pixel % columns, Math.floor(pixel / columns));
  }),
});

it('averages blocks, so that a fine pattern becomes grey instead of flicker', () => {
  const checkerboard = imageOf(8, 8, 1, (x, y) => ((x + y) % 2 === 0 ? 0 : 200));
  expect(shrink(checkerboard, 4)).toEqual({ columns: 4, rows: 4, components: 1, pixels: new Uint8Array(16).fill(100) });
});

it('leaves a small image as it is', () => {
  const small = imageOf(38, 23, 3, (x, y) => x + y);
  expect(shrink(small, 64).pixels).toEqual(small.pixels);
});

it('keeps the proportions and the mean of any image', () =>
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 90 }), (columns, rows) => {
      const small = shrink(
        imageOf(columns, rows, 1, (x) => x),
        32,
      );
      expect(Math.max(small.columns, small.rows)).toBeLessThanOrEqual(Math.max(32, 1));
      expect(small.pixels).toHaveLength(small.columns * small.rows);
      const mean = small.pixels.reduce((sum, value) => sum + value, 0) / small.pixels.length;
      expect(Math.abs(mean - (columns - 1) / 2)).toBeLessThan(1.5);
    }),
  ));

it('asks for the slice if it is not there', () => {
  const view = modelView({ slices: memorySliceStore(1000) });
  const request = {
    seriesUid: '1.2',
    plane: { axis: 'k', frame: '1.2.3/1' },
    sliceHash: 'a'.repeat(64),
    window: { kind: 'auto' },
    size: 64,
  } as const;
  expect(() => view(request, { modality: 'CT' })).toThrow(expect.objectContaining({ code: 'slice-missing' }));
});
