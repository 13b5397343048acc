/** One object as a picture: the image around it, the outline of the truth, and that of the model's mask. */
import { boxOfRuns, clipBox, decodeRuns, growBox, union, type Box, type Runs } from '@ohif-medsam/protocol';
import { encode } from 'fast-png';
import type { SliceImage } from '../../ports/inferenceEngine.ts';
import { shrink } from '../../segment/modelView.ts';

/** Room around the masks: a share of their longer side, and so many pixels at least. */
const ROOM = 0.3;
const LEAST_ROOM_PX = 10;
/** Of the longer side of the stored picture: as much as is seen of it. */
const MOST_PX = 256;

/** @param box - The tight box of the truth: pixel indices, inclusive. @returns An SVG of the image's own pixels. */
export function casePicture(image: SliceImage, truth: Runs, found: Runs, box: Box): string {
  const { columns, rows } = image;
  const tight = boxOfRuns(union(truth, found), columns) ?? box;
  const side = Math.max(tight[2] - tight[0], tight[3] - tight[1]) + 1;
  const part = clipBox(growBox(tight, Math.max(LEAST_ROOM_PX, Math.round(side * ROOM))), image);
  const [x0, y0, x1, y1] = part;
  const [width, height] = [x1 + 1 - x0, y1 + 1 - y0];
  const mask = (runs: Runs) => outlinePath(decodeRuns(runs, columns * rows), columns, part);
  const drawn = `x="${String(box[0] - x0)}" y="${String(box[1] - y0)}" width="${String(box[2] + 1 - box[0])}" height="${String(box[3] + 1 - box[1])}"`;
  return (
    `<svg class="picture" viewBox="0 0 ${String(width)} ${String(height)}">` +
    `<image width="${String(width)}" height="${String(height)}" preserveAspectRatio="none" href="${pngOf(image, part)}"/>` +
    `<rect class="prompt" ${drawn}/>` +
    `<path class="truth" d="${mask(truth)}"/><path class="found" d="${mask(found)}"/></svg>`
  );
}

/** The part of the image as a PNG data URI. */
function pngOf(image: SliceImage, [x0, y0, x1, y1]: Box): string {
  const { components } = image;
  const [columns, rows] = [x1 + 1 - x0, y1 + 1 - y0];
  const pixels = new Uint8Array(columns * rows * components);
  for (let y = 0; y < rows; y++) {
    const from = ((y0 + y) * image.columns + x0) * components;
    pixels.set(image.pixels.subarray(from, from + columns * components), y * columns * components);
  }
  const small = shrink({ key: '', columns, rows, components, pixels }, MOST_PX);
  const png = encode({ width: small.columns, height: small.rows, data: small.pixels, channels: components });
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}

/** The sides between pixels inside and outside of the mask, in pixels of the part; straight ones as one stroke. */
export function outlinePath(mask: Uint8Array, columns: number, [x0, y0, x1, y1]: Box): string {
  const inside = (x: number, y: number) => x >= x0 && x <= x1 && y >= y0 && y <= y1 && mask[y * columns + x] === 1;
  const strokes: string[] = [];
  const collect = (length: number, isSide: (at: number) => boolean, stroke: (at: number, length: number) => string) => {
    for (let at = 0, start = -1; at <= length; at++) {
      const isOne = at < length && isSide(at);
      if (isOne && start < 0) start = at;
      if (isOne || start < 0) continue;
      strokes.push(stroke(start, at - start));
      start = -1;
    }
  };
  for (let y = y0; y <= y1 + 1; y++)
    collect(
      x1 + 1 - x0,
      (at) => inside(x0 + at, y - 1) !== inside(x0 + at, y),
      (at, length) => `M${String(at)} ${String(y - y0)}h${String(length)}`,
    );
  for (let x = x0; x <= x1 + 1; x++)
    collect(
      y1 + 1 - y0,
      (at) => inside(x - 1, y0 + at) !== inside(x, y0 + at),
      (at, length) => `M${String(x - x0)} ${String(at)}v${String(length)}`,
    );
  return strokes.join('');
}
