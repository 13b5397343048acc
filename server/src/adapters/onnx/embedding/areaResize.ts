import type { SliceImage } from '../../../ports/inferenceEngine.ts';

/** What an axis of the result is made of: for each of its pixels, inputs first..first + count - 1 with their weights. */
interface AxisShares {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Float32Array;
  readonly widest: number;
}

const { fround } = Math;

/**
 * Resizes as `cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA)` does it with 8-bit images: means of the area
 * that a pixel covers where the image shrinks; where it grows, two neighbours blended over the one pixel in which the
 * border between them falls.
 * @returns Row-major, as many components as before, interleaved.
 */
export function areaResize(image: SliceImage, columns: number, rows: number): Uint8Array {
  if (columns === image.columns && rows === image.rows) return image.pixels;
  if (columns > image.columns || rows > image.rows) return enlarge(image, columns, rows);
  const [across, down] = [image.columns / columns, image.rows / rows];
  if (Number.isInteger(across) && Number.isInteger(down)) return blockMeans(image, columns, rows, across, down);
  return areaMeans(image, columns, rows);
}

/** Whole blocks: exact sums. Blocks of 2 x 2 round halves up, others to even. */
function blockMeans(image: SliceImage, columns: number, rows: number, across: number, down: number): Uint8Array {
  const { components, pixels } = image;
  const out = new Uint8Array(columns * rows * components);
  const share = fround(1 / (across * down));
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++)
      for (let c = 0; c < components; c++) {
        let sum = 0;
        for (let j = 0; j < down; j++)
          for (let i = 0; i < across; i++)
            sum += pixels[((y * down + j) * image.columns + x * across + i) * components + c]!;
        const at = (y * columns + x) * components + c;
        out[at] = across === 2 && down === 2 ? (sum + 2) >> 2 : halfToEven(fround(sum * share));
      }
  return out;
}

function areaMeans(image: SliceImage, columns: number, rows: number): Uint8Array {
  const { components, pixels } = image;
  const across = areaShares(image.columns, columns);
  const down = areaShares(image.rows, rows);
  const width = columns * components;
  const out = new Uint8Array(width * rows);
  const narrow = new Float32Array(width);
  const sums = new Float32Array(width);
  for (let y = 0; y < rows; y++) {
    sums.fill(0);
    for (let n = 0; n < down.count[y]!; n++) {
      narrowRow(pixels, (down.first[y]! + n) * image.columns, components, across, narrow);
      const weight = down.weights[y * down.widest + n]!;
      for (let at = 0; at < width; at++) sums[at] = sums[at]! + fround(weight * narrow[at]!);
    }
    for (let at = 0; at < width; at++) out[y * width + at] = halfToEven(sums[at]!);
  }
  return out;
}

function narrowRow(pixels: Uint8Array, row: number, components: number, across: AxisShares, out: Float32Array): void {
  for (let x = 0; x < across.first.length; x++)
    for (let c = 0; c < components; c++) {
      let sum = 0;
      for (let n = 0; n < across.count[x]!; n++) {
        const value = pixels[(row + across.first[x]! + n) * components + c]!;
        sum = fround(sum + fround(value * across.weights[x * across.widest + n]!));
      }
      out[x * components + c] = sum;
    }
}

/** The share of each input pixel in the area of an output pixel; slivers under a thousandth do not count. */
function areaShares(length: number, size: number): AxisShares {
  const scale = length / size;
  const widest = Math.ceil(scale) + 2;
  const axis = {
    first: new Int32Array(size),
    count: new Int32Array(size),
    weights: new Float32Array(size * widest),
    widest,
  };
  for (let n = 0; n < size; n++) {
    const start = n * scale;
    const end = start + scale;
    const width = Math.min(scale, length - start);
    let whole = Math.ceil(start);
    const last = Math.min(Math.floor(end), length - 1);
    whole = Math.min(whole, last);
    const shares: number[] = [];
    axis.first[n] = whole;
    if (whole - start > 1e-3) {
      axis.first[n] = whole - 1;
      shares.push((whole - start) / width);
    }
    for (let at = whole; at < last; at++) shares.push(1 / width);
    if (end - last > 1e-3) shares.push(Math.min(Math.min(end - last, 1), width) / width);
    axis.weights.set(shares, n * widest);
    axis.count[n] = shares.length;
  }
  return axis;
}

/** Weights are whole numbers of 2048ths. */
const UNIT = 2048;

function enlarge(image: SliceImage, columns: number, rows: number): Uint8Array {
  const { components, pixels } = image;
  const across = blendedPairs(image.columns, columns);
  const down = blendedPairs(image.rows, rows);
  const width = columns * components;
  const wide = new Int32Array(width * image.rows);
  for (let y = 0; y < image.rows; y++)
    for (let x = 0; x < columns; x++)
      for (let c = 0; c < components; c++) {
        const [a, b] = [across.lower[x]!, across.upper[x]!].map(
          (at) => pixels[(y * image.columns + at) * components + c]!,
        );
        wide[y * width + x * components + c] = a! * (UNIT - across.weight[x]!) + b! * across.weight[x]!;
      }
  const out = new Uint8Array(width * rows);
  for (let y = 0; y < rows; y++) {
    const [above, below, weight] = [down.lower[y]! * width, down.upper[y]! * width, down.weight[y]!];
    for (let at = 0; at < width; at++) {
      const upper = ((UNIT - weight) * (wide[above + at]! >> 4)) >> 16;
      const lower = (weight * (wide[below + at]! >> 4)) >> 16;
      out[y * width + at] = (upper + lower + 2) >> 2;
    }
  }
  return out;
}

/** For each output pixel of an axis that grows: two neighbours, and the weight of the second in 2048ths. */
function blendedPairs(length: number, size: number) {
  const scale = length / size;
  const inverse = size / length;
  const pairs = { lower: new Int32Array(size), upper: new Int32Array(size), weight: new Int32Array(size) };
  for (let n = 0; n < size; n++) {
    const lower = Math.floor(n * scale);
    const over = fround(n + 1 - (lower + 1) * inverse);
    const share = over <= 0 ? 0 : fround(over - Math.floor(over));
    pairs.lower[n] = Math.min(lower, length - 1);
    pairs.upper[n] = Math.min(lower + 1, length - 1);
    pairs.weight[n] = lower >= length - 1 ? 0 : halfToEven(fround(share * UNIT));
  }
  return pairs;
}

function halfToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
