/** Deterministic noise: the same seed gives the same numbers on every machine, so the phantom has one known truth. */

/** Uniform in [0, 1) from a lattice point and a seed (integer hash after Wang). */
export function hash(x: number, y: number, z: number, seed: number): number {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(z, 0x9e3779b1) ^ Math.imul(seed, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
}

/** A stream of uniform numbers in [0, 1) (mulberry32). */
export function randomStream(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const smooth = (t: number): number => t * t * (3 - 2 * t);
const mix = (a: number, b: number, t: number): number => a + (b - a) * t;

/** Smooth value noise in [-1, 1]; neighbouring lattice points are one unit apart. */
export function valueNoise(x: number, y: number, z: number, seed: number): number {
  const k = Math.floor(z);
  const w = smooth(z - k);
  return 2 * mix(planeNoise(x, y, k, seed), planeNoise(x, y, k + 1, seed), w) - 1;
}

function planeNoise(x: number, y: number, k: number, seed: number): number {
  const i = Math.floor(x);
  const j = Math.floor(y);
  const u = smooth(x - i);
  const near = mix(hash(i, j, k, seed), hash(i + 1, j, k, seed), u);
  const far = mix(hash(i, j + 1, k, seed), hash(i + 1, j + 1, k, seed), u);
  return mix(near, far, smooth(y - j));
}

/**
 * A slice through smooth noise, evaluated on a coarse grid and interpolated.
 * @param size - Pixels per row and column; the result is row by row.
 * @param scaleMm - Distance over which the noise changes.
 * @param zMm - Position of the slice.
 */
export function noiseSlice(size: number, spacingMm: number, scaleMm: number, zMm: number, seed: number): Float32Array {
  const step = Math.max(2, Math.min(16, Math.floor(scaleMm / spacingMm / 3)));
  const coarse = Math.ceil(size / step) + 2;
  const lattice = new Float32Array(coarse * coarse);
  const unit = (step * spacingMm) / scaleMm;
  for (let row = 0; row < coarse; row++)
    for (let column = 0; column < coarse; column++)
      lattice[row * coarse + column] = valueNoise(column * unit, row * unit, zMm / scaleMm, seed);
  return enlarge(lattice, coarse, step, size);
}

function enlarge(lattice: Float32Array, coarse: number, step: number, size: number): Float32Array {
  const field = new Float32Array(size * size);
  for (let row = 0; row < size; row++) {
    const top = Math.floor(row / step) * coarse;
    const v = row / step - Math.floor(row / step);
    for (let column = 0; column < size; column++) {
      const at = top + Math.floor(column / step);
      const u = column / step - Math.floor(column / step);
      const upper = mix(lattice[at] ?? 0, lattice[at + 1] ?? 0, u);
      const lower = mix(lattice[at + coarse] ?? 0, lattice[at + coarse + 1] ?? 0, u);
      field[row * size + column] = mix(upper, lower, v);
    }
  }
  return field;
}

/** Gaussian blur of a square image in place, five pixels wide each way: for a sigma below one pixel. */
export function blur(image: Float32Array, size: number, sigmaPixels: number): void {
  const [one, two] = [Math.exp(-0.5 / sigmaPixels ** 2), Math.exp(-2 / sigmaPixels ** 2)];
  const weights = [1, one, two].map((weight) => weight / (1 + 2 * one + 2 * two));
  const line = new Float32Array(size + 4);
  for (let row = 0; row < size; row++) blurLine(image, row * size, 1, line, weights);
  for (let column = 0; column < size; column++) blurLine(image, column, size, line, weights);
}

function blurLine(image: Float32Array, start: number, stride: number, line: Float32Array, weights: number[]): void {
  const size = line.length - 4;
  const [middle = 0, near = 0, far = 0] = weights;
  for (let at = 0; at < size; at++) line[at + 2] = image[start + at * stride] ?? 0;
  line.fill(line[2] ?? 0, 0, 2);
  line.fill(line[size + 1] ?? 0, size + 2);
  let a = line[0] ?? 0;
  let b = line[1] ?? 0;
  let c = line[2] ?? 0;
  let d = line[3] ?? 0;
  for (let at = 0; at < size; at++) {
    const e = line[at + 4] ?? 0;
    image[start + at * stride] = middle * c + near * (b + d) + far * (a + e);
    a = b;
    b = c;
    c = d;
    d = e;
  }
}

/** Noise as a scanner makes it, correlated over a pixel or two; standard deviation about 1. */
export function scannerNoise(size: number, seed: number): Float32Array {
  const random = randomStream(seed);
  const noise = new Float32Array(size * size);
  // The sum of three uniform numbers is close enough to a Gaussian, and faster. The blur takes 65 % of its deviation.
  for (let at = 0; at < noise.length; at++) noise[at] = (2 * (random() + random() + random()) - 3) / 0.35;
  blur(noise, size, 0.8);
  return noise;
}
