import { noiseSlice } from './noise.ts';

/** Pixels per row and column of a slice. */
export const SIZE = 512;
export const PIXEL_MM = 0.75;
/** Surfaces fade over this distance inwards and outwards: what a pixel and a slice average. Farther out nothing is painted. */
export const EDGE_MM = 0.9;

/**
 * One slice being painted: later tissues cover earlier ones, with soft edges. Patient-like axes with the origin in the
 * middle of the body: x to the patient's left, y to the back, z to the head, in millimetres.
 */
export interface Canvas {
  readonly zMm: number;
  readonly hu: Float32Array;
  readonly labels: Uint8Array;
  /** Where each pixel's tissue would lie in a perfectly regular body: one smooth displacement makes every shape organic. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly z: Float32Array;
  /** Smooth noise in [-1, 1] over about 25, 9 and 3.5 mm, for surfaces and texture. */
  readonly coarse: Float32Array;
  readonly medium: Float32Array;
  readonly fine: Float32Array;
}

export interface BoxMm {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

export const EVERYWHERE: BoxMm = { x: [-200, 200], y: [-200, 200] };

export function createCanvas(zMm: number, seed: number): Canvas {
  const noise = (scaleMm: number, number: number) => noiseSlice(SIZE, PIXEL_MM, scaleMm, zMm, seed + number);
  const [dx, dy, dz] = [noise(60, 1), noise(60, 2), noise(60, 3)];
  const at = (index: number) => (index - (SIZE - 1) / 2) * PIXEL_MM;
  return {
    zMm,
    hu: new Float32Array(SIZE * SIZE).fill(-1000),
    labels: new Uint8Array(SIZE * SIZE),
    x: dx.map((shift, pixel) => at(pixel % SIZE) + 5 * shift),
    y: dy.map((shift, pixel) => at(Math.floor(pixel / SIZE)) + 4 * shift),
    z: dz.map((shift) => zMm + 5 * shift),
    coarse: noise(25, 4),
    medium: noise(9, 5),
    fine: noise(3.5, 6),
  };
}

/**
 * Paints where a shape is.
 * @param depthMm - Distance to the surface at a pixel, positive inside; need only be right near the surface.
 * @param hu - The tissue there.
 * @param label - Ground truth for what lies more than half inside; undefined keeps what is there.
 */
export function paint(
  canvas: Canvas,
  box: BoxMm,
  depthMm: (pixel: number) => number,
  hu: number | ((pixel: number, depthMm: number) => number),
  label?: number,
): void {
  const [left, right] = pixelRange(box.x);
  const [top, bottom] = pixelRange(box.y);
  for (let row = top; row <= bottom; row++) {
    for (let pixel = row * SIZE + left; pixel <= row * SIZE + right; pixel++) {
      const depth = depthMm(pixel);
      if (depth <= -EDGE_MM) continue;
      const cover = Math.min(1, 0.5 + depth / (2 * EDGE_MM));
      const tissue = typeof hu === 'number' ? hu : hu(pixel, depth);
      canvas.hu[pixel] = (canvas.hu[pixel] ?? 0) * (1 - cover) + tissue * cover;
      if (label !== undefined && depth > 0) canvas.labels[pixel] = label;
    }
  }
}

/** The displacement of the canvas moves shapes by a few millimetres. */
const MARGIN_MM = 8;

function pixelRange([from, to]: readonly [number, number]): [number, number] {
  const index = (mm: number) => mm / PIXEL_MM + (SIZE - 1) / 2;
  return [Math.max(0, Math.floor(index(from - MARGIN_MM))), Math.min(SIZE - 1, Math.ceil(index(to + MARGIN_MM)))];
}
