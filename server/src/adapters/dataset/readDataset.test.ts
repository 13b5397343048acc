import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode as encodePng } from 'fast-png';
import jpeg from 'jpeg-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readItem, readManifest } from './readDataset.ts';

const [WIDTH, HEIGHT] = [6, 4];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dataset-'));
  const grey = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, n) => n * 10);
  await writeFile(join(folder, 'grey.png'), encodePng({ width: WIDTH, height: HEIGHT, data: grey, channels: 1 }));
  const rgba = Uint8Array.from({ length: WIDTH * HEIGHT * 4 }, (_, n) => [200, 30, 60, 255][n % 4]!);
  await writeFile(join(folder, 'red.jpg'), jpeg.encode({ width: WIDTH, height: HEIGHT, data: rgba }, 95).data);
  const even = Uint8Array.from({ length: WIDTH * HEIGHT * 4 }, () => 120);
  await writeFile(join(folder, 'grey.jpg'), jpeg.encode({ width: WIDTH, height: HEIGHT, data: even }, 95).data);
  // Two objects, one of them above 255: label maps of crowded images have 16 bit.
  const labels = new Uint16Array(WIDTH * HEIGHT);
  labels.set([1, 1, 300], 7);
  await writeFile(
    join(folder, 'mask.png'),
    encodePng({ width: WIDTH, height: HEIGHT, data: labels, channels: 1, depth: 16 }),
  );
  await writeFile(join(folder, 'small.png'), encodePng({ width: 2, height: 2, data: new Uint8Array(4), channels: 1 }));
  const items = [{ set: 's', image: 'grey.png', mask: 'mask.png', objects: [{ id: 1 }, { id: 2 }, { id: 300 }] }];
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ items }));
});

afterAll(() => rm(folder, { recursive: true }));

const item = (image: string, mask = 'mask.png') => ({ set: 's', image, mask, objects: [{ id: 1 }] });

describe('a data set', () => {
  it('gives the pixels, and each object of the label map that is there', async () => {
    const { items } = await readManifest(folder);
    const [first] = items;
    const { image, objects } = await readItem(folder, first!);
    expect(image).toMatchObject({ columns: WIDTH, rows: HEIGHT, components: 1 });
    expect(image.pixels[9]).toBe(90);
    expect(objects).toEqual([
      { id: 1, truth: [7, 2] },
      { id: 300, truth: [9, 1] },
    ]);
  });

  it('reads a colour JPEG as three components and a grey one as one', async () => {
    const colour = await readItem(folder, item('red.jpg'));
    expect(colour.image.components).toBe(3);
    expect(Math.abs(colour.image.pixels[0]! - 200)).toBeLessThan(8);
    const grey = await readItem(folder, item('grey.jpg'));
    expect(grey.image.components).toBe(1);
    expect(grey.image.pixels).toHaveLength(WIDTH * HEIGHT);
  });

  it.each([
    ['a label map of another size', () => readItem(folder, item('grey.png', 'small.png')), 'small.png'],
    ['a missing image', () => readItem(folder, item('none.png')), 'none.png'],
    ['a folder without manifest', () => readManifest(join(folder, 'nowhere')), 'manifest.json'],
  ])('says which file is wrong: %s', async (_, read, name) => {
    await expect(read()).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringContaining(name) as string,
    });
  });
});
