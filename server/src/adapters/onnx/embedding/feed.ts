/**
 * How upstream's scripts feed each model: from an 8-bit image to the encoder's input, and where its pixels lie there.
 * @see MedSAM_Inference.py of MedSAM, CVPR24_LiteMedSAM_infer.py of LiteMedSAM
 */
import type { Box } from '@ohif-medsam/protocol';
import type { SliceImage } from '../../../ports/inferenceEngine.ts';
import { areaResize } from './areaResize.ts';
import { splineResize } from './splineResize.ts';

type ImageSize = Pick<SliceImage, 'columns' | 'rows'>;

/** @param size - Side of the square input in pixels. */
export interface Feed {
  /** @returns [3, size, size] float32 in 0..1, channels first. */
  tensor(image: SliceImage, size: number): Float32Array;
  /** The part of the input that is image, from its upper left corner; the rest is padding. */
  shown(image: ImageSize, size: number): { readonly columns: number; readonly rows: number };
  /** @param box - Pixel indices of the image. @returns x0, y0, x1, y1 in those of the input. */
  box(box: Box, image: ImageSize, size: number): number[];
  /** The same of a point. */
  point(point: readonly [x: number, y: number], image: ImageSize, size: number): [number, number];
}

/** The image fills the input, whatever its proportions. */
const medsam: Feed = {
  tensor: (image, size) => stretched(splineResize(image, size), size, size, 3, size),
  shown: (_, size) => ({ columns: size, rows: size }),
  box: ([x0, y0, x1, y1], { columns, rows }, size) => [
    (x0 / columns) * size,
    (y0 / rows) * size,
    (x1 / columns) * size,
    (y1 / rows) * size,
  ],
  point: ([x, y], { columns, rows }, size) => [(x / columns) * size, (y / rows) * size],
};

/** The longer side fills the input; right or below there are zeros. */
const litemedsam: Feed = {
  tensor(image, size) {
    const { columns, rows } = litemedsam.shown(image, size);
    return stretched(areaResize(image, columns, rows), columns, rows, image.components, size);
  },
  shown({ columns, rows }, size) {
    const scale = size / Math.max(columns, rows);
    const side = (length: number) => Math.max(1, Math.trunc(length * scale + 0.5));
    return { columns: side(columns), rows: side(rows) };
  },
  box: (box, { columns, rows }, size) => box.map((value) => Math.trunc(value * (size / Math.max(columns, rows)))),
  point([x, y], { columns, rows }, size) {
    const scale = size / Math.max(columns, rows);
    return [x * scale, y * scale];
  },
};

export const FEEDS = { medsam, litemedsam } as const;

/**
 * Grey levels stretched to 0..1 by the darkest and the brightest of all channels, before anything is padded.
 * @param pixels - [rows, columns, components], interleaved; grey is repeated.
 */
function stretched(pixels: Uint8Array, columns: number, rows: number, components: number, size: number): Float32Array {
  let [low, high] = [255, 0];
  for (const value of pixels) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const unit = Float32Array.from({ length: 256 }, (_, value) => (value - low) / Math.max(high - low, 1e-8));
  const out = new Float32Array(3 * size * size);
  for (let channel = 0; channel < 3; channel++)
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++)
        out[(channel * size + y) * size + x] = unit[pixels[(y * columns + x) * components + (channel % components)]!]!;
  return out;
}
