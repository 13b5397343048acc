import { imageLoader, type Types } from '@cornerstonejs/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPlane } from './slicePixels.ts';

/** Images of 3 x 2 pixels: `gray:<first value>` counts upwards from it, `color:...` is RGB. */
function imageOf(imageId: string): Types.IImage {
  const [kind, first] = imageId.split(':');
  const color = kind === 'color';
  const values = Int16Array.from({ length: color ? 18 : 6 }, (_, n) => Number(first) + n);
  return {
    imageId,
    rows: 2,
    columns: 3,
    color,
    slope: 1,
    intercept: 0,
    sizeInBytes: values.byteLength,
    getPixelData: () => values,
  } as unknown as Types.IImage;
}

const FRAMES = ['1.1/1', '1.2/1'];
const seen = (...imageIds: string[]) => new Map(FRAMES.map((key, at) => [key, imageIds[at] ?? '']));

describe('the pixels of a plane', () => {
  beforeAll(() => {
    const load = (imageId: string) => ({ promise: Promise.resolve(imageOf(imageId)) });
    for (const kind of ['gray', 'color']) imageLoader.registerImageLoader(kind, load);
  });

  it('[SP1] across the frames are a row or a column of each', async () => {
    const gray = seen('gray:0', 'gray:10');
    const valuesOf = async (axis: 'i' | 'j', index: number) => {
      const { columns, rows, pixels } = await readPlane({ axis, index }, gray, FRAMES);
      return [columns, rows, [...pixels]];
    };
    expect(await valuesOf('i', 1)).toEqual([2, 2, [1, 4, 11, 14]]);
    expect(await valuesOf('j', 1)).toEqual([3, 2, [3, 4, 5, 13, 14, 15]]);
  });

  it('[SP2] across colour frames are refused with what to do', async () => {
    const reading = readPlane({ axis: 'i', index: 1 }, seen('color:0', 'color:1'), FRAMES);
    await expect(reading).rejects.toMatchObject({
      name: 'RequestError',
      remedy: expect.stringContaining('acquired slices') as unknown,
    });
  });
});
