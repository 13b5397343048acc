import type { ModelView, ModelViewRequest } from '@ohif-medsam/protocol';
import type { SliceImage } from '../ports/inferenceEngine.ts';
import type { SliceStore } from '../ports/sliceStore.ts';
import { requireSlice } from './requireSlice.ts';
import { windowSlice, type SeriesFacts } from './window.ts';

/**
 * A small picture of what the model sees of a slice.
 * @throws AppError `slice-missing`, `input-invalid`.
 */
export const modelView =
  (ports: { readonly slices: SliceStore }) =>
  (request: ModelViewRequest, series: SeriesFacts): ModelView => {
    const slice = requireSlice(ports.slices, request);
    const { image, window } = windowSlice(slice, request.window, series);
    return { ...shrink(image, request.size), window };
  };

/**
 * Makes an image smaller by averaging the pixels that fall into each new one; never larger.
 * @param longest - Most pixels of the longer side.
 */
export function shrink(image: SliceImage, longest: number): Omit<ModelView, 'window'> {
  const { components } = image;
  const ratio = Math.max(1, Math.max(image.columns, image.rows) / longest);
  const columns = Math.max(1, Math.round(image.columns / ratio));
  const rows = Math.max(1, Math.round(image.rows / ratio));
  const pixels = new Uint8Array(columns * rows * components);
  for (let y = 0; y < rows; y++) {
    const [top, bottom] = span(y, rows, image.rows);
    for (let x = 0; x < columns; x++) {
      const [left, right] = span(x, columns, image.columns);
      for (let c = 0; c < components; c++)
        pixels[(y * columns + x) * components + c] = mean(image, [left, top, right, bottom], c);
    }
  }
  return { columns, rows, components, pixels };
}

/** The pixels [first, end) of an axis that fall into pixel `at` of `count`. */
const span = (at: number, count: number, length: number): [first: number, end: number] => {
  const first = Math.floor((at * length) / count);
  return [first, Math.max(first + 1, Math.floor(((at + 1) * length) / count))];
};

function mean(image: SliceImage, [left, top, right, bottom]: readonly [number, number, number, number], c: number) {
  let sum = 0;
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) sum += image.pixels[(y * image.columns + x) * image.components + c] ?? 0;
  return Math.round(sum / ((right - left) * (bottom - top)));
}
