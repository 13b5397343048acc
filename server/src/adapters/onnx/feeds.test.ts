import { createHash } from 'node:crypto';
import type { Runs } from '@ohif-medsam/protocol';
import { describe, expect, it } from 'vitest';
import { areaResize } from './embedding/areaResize.ts';
import { maskOf, sigmoid } from './embedding/enlarge.ts';
import { FEEDS } from './embedding/feed.ts';
import { maskInput } from './embedding/maskInput.ts';
import { splineResize } from './embedding/splineResize.ts';
import { readFixture, sliceImage, type FixtureImage } from './fixtures/publishedModels.ts';
import { bicubicResize } from './tracking/bicubicResize.ts';
import { trackingTensor } from './tracking/feed.ts';

/** By scikit-image, OpenCV, Pillow and PyTorch: models/python, `python -m medsam_models loader-fixtures`. */
const { size, images, masks } = (await readFixture('feeds.json')) as {
  readonly size: number;
  /** Hashes of uint8 pixels and of float32 tensors. */
  readonly images: readonly (FixtureImage &
    Readonly<Record<'spline' | 'area' | 'bicubic' | 'medsam' | 'litemedsam' | 'medsam2', string>>)[];
  readonly masks: readonly ({
    readonly rows: number;
    readonly columns: number;
    /** Base64 of 16 x 16 float32. */
    readonly logits: string;
  } & Readonly<Record<'medsam' | 'litemedsam' | 'medsam2', Runs>>)[];
};
const maskInputs = (await readFixture('maskInput.json')) as readonly {
  readonly rows: number;
  readonly columns: number;
  readonly side: number;
  readonly shown: readonly [columns: number, rows: number];
  readonly runs: Runs;
  readonly input: readonly number[];
}[];

const hash = (numbers: Uint8Array | Float32Array) => createHash('sha256').update(numbers).digest('hex');

/** Pillow is given three channels whatever the image. */
const inColour = (pixels: Uint8Array, components: 1 | 3) =>
  components === 3
    ? pixels
    : Uint8Array.from({ length: 3 * pixels.length }, (_, at) => pixels[Math.floor(at / 3)] ?? 0);

describe.each(images.map((image, n) => ({ n, name: `${String(image.rows)} x ${String(image.columns)}`, image })))(
  'image $n, $name, bit for bit as upstream',
  ({ image: expected }) => {
    const image = sliceImage(expected);

    it('is resized by cubic splines as by scikit-image', () =>
      expect(hash(splineResize(image, size))).toBe(expected.spline));

    it('is resized by area as by OpenCV', () => {
      const { columns, rows } = FEEDS.litemedsam.shown(image, size);
      expect(hash(areaResize(image, columns, rows))).toBe(expected.area);
    });

    it('is resized bicubically as by Pillow', () =>
      expect(hash(inColour(bicubicResize(image, size), image.components))).toBe(expected.bicubic));

    it('becomes the input of each model', () => {
      expect(hash(FEEDS.medsam.tensor(image, size))).toBe(expected.medsam);
      expect(hash(FEEDS.litemedsam.tensor(image, size))).toBe(expected.litemedsam);
      expect(hash(trackingTensor(image, size))).toBe(expected.medsam2);
    });
  },
);

describe.each(masks)('logits over $rows x $columns pixels', ({ rows, columns, logits, ...expected }) => {
  const bytes = Buffer.from(logits, 'base64');
  const data = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const part = (feed: keyof typeof FEEDS) => ({ data, stride: 16, ...FEEDS[feed].shown({ rows, columns }, 16) });

  it('become the mask that PyTorch makes of them', () => {
    const shares = { ...part('medsam'), data: data.map(sigmoid) };
    expect(maskOf(shares, columns, rows, (share) => share > 0.5)).toEqual(expected.medsam);
    expect(maskOf(part('litemedsam'), columns, rows, (logit) => sigmoid(logit) > 0.5)).toEqual(expected.litemedsam);
    expect(maskOf(part('medsam'), columns, rows, (logit) => logit > 0)).toEqual(expected.medsam2);
  });
});

describe('a mask as a prompt', () => {
  it.each(maskInputs)('of $rows x $columns pixels is as certain as it covers a pixel of the input', (expected) => {
    const [columns, rows] = expected.shown;
    const input = maskInput(expected.runs, expected, { columns, rows }, expected.side);
    for (const [at, value] of expected.input.entries()) expect(input[at]).toBeCloseTo(value, 4);
  });
});

it('takes a uniform image, which has no range to stretch', () => {
  const image = { key: '', columns: 5, rows: 7, components: 1, pixels: new Uint8Array(35).fill(9) } as const;
  for (const feed of Object.values(FEEDS)) expect(feed.tensor(image, 16).every((value) => value === 0)).toBe(true);
});
