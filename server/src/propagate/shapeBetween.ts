import { boxOfRuns, decodeRuns, encodeRuns, type Box, type Runs } from '@ohif-medsam/protocol';

/**
 * The shape between two masks of one object: where the weighted mean of their signed distances is positive, once their middles
 * are laid over each other, and put where the middle is by then (Raya and Udupa, "Shape-based interpolation of multidimensional
 * objects", IEEE Transactions on Medical Imaging 1990).
 * Never empty: where nothing is left of the two, as of two spots that become one, it is the nearer mask.
 * @param a - Mask at the share 0, row-major over `size`; not empty.
 * @param b - Mask at the share 1; not empty.
 * @param share - How far from `a` to `b`, 0 to 1.
 * @param size - Columns and rows of the image.
 */
export function shapeBetween(
  a: Runs,
  b: Runs,
  share: number,
  size: { readonly columns: number; readonly rows: number },
): Runs {
  const [from, to] = [signedDistance(a, size), signedDistance(b, size)];
  const x = from.middle[0] + (to.middle[0] - from.middle[0]) * share;
  const y = from.middle[1] + (to.middle[1] - from.middle[1]) * share;
  const [reachX, reachY] = [0, 1].map((axis) => Math.max(...[from, to].map(({ reach }) => reach[axis] ?? 0))) as [
    number,
    number,
  ];
  const mask = new Uint8Array(size.columns * size.rows);
  const [firstRow, lastRow] = [Math.max(0, Math.floor(y - reachY)), Math.min(size.rows - 1, Math.ceil(y + reachY))];
  const [first, last] = [Math.max(0, Math.floor(x - reachX)), Math.min(size.columns - 1, Math.ceil(x + reachX))];
  for (let row = firstRow; row <= lastRow; row++)
    for (let column = first; column <= last; column++) {
      const [dx, dy] = [column - x, row - y];
      if ((1 - share) * from.at(dx, dy) + share * to.at(dx, dy) > 0) mask[row * size.columns + column] = 1;
    }
  const shape = encodeRuns(mask);
  if (shape.length > 0) return shape;
  return share < 0.5 ? a : b;
}

interface SignedDistance {
  /** Mean column and row of the mask. */
  readonly middle: readonly [number, number];
  /** Largest distance from there along each axis. */
  readonly reach: readonly [number, number];
  /** Pixels to the outline, positive inside, at an offset from the middle. */
  at(dx: number, dy: number): number;
}

function signedDistance(runs: Runs, size: { readonly columns: number; readonly rows: number }): SignedDistance {
  const box = boxOfRuns(runs, size.columns);
  if (!box) throw new RangeError('an empty mask has no shape');
  const whole = decodeRuns(runs, size.columns * size.rows);
  const { inside, width, height, middle } = cutOut(whole, box, size.columns);
  // Both to the middle of the next pixel of the other kind: half a pixel beyond the outline.
  const toOutside = distances(inside, width, height, 0);
  const toInside = distances(inside, width, height, 1);
  const signed = toOutside.map((outside, n) => (inside[n] ? outside - 0.5 : 0.5 - (toInside[n] ?? 0)));
  const [left, top] = [box[0] - 1, box[1] - 1];
  return {
    middle,
    reach: [Math.max(middle[0] - box[0], box[2] - middle[0]) + 1, Math.max(middle[1] - box[1], box[3] - middle[1]) + 1],
    at(dx, dy) {
      const [x, y] = [middle[0] + dx - left, middle[1] + dy - top];
      const [cx, cy] = [Math.min(Math.max(x, 0), width - 1), Math.min(Math.max(y, 0), height - 1)];
      const [x0, y0] = [Math.min(Math.floor(cx), width - 2), Math.min(Math.floor(cy), height - 2)];
      const [fx, fy] = [cx - x0, cy - y0];
      const value = (column: number, row: number) => signed[row * width + column] ?? 0;
      const upper = value(x0, y0) * (1 - fx) + value(x0 + 1, y0) * fx;
      const lower = value(x0, y0 + 1) * (1 - fx) + value(x0 + 1, y0 + 1) * fx;
      // Beyond what was cut out, the outline is as far again.
      return upper * (1 - fy) + lower * fy - Math.hypot(x - cx, y - cy);
    },
  };
}

/** The mask within its box and one pixel around it. */
function cutOut(whole: Uint8Array, box: Box, columns: number) {
  const [width, height] = [box[2] - box[0] + 3, box[3] - box[1] + 3];
  const inside = new Uint8Array(width * height);
  let [sumX, sumY, pixels] = [0, 0, 0];
  for (let row = box[1]; row <= box[3]; row++)
    for (let column = box[0]; column <= box[2]; column++) {
      if (!whole[row * columns + column]) continue;
      inside[(row - box[1] + 1) * width + column - box[0] + 1] = 1;
      sumX += column;
      sumY += row;
      pixels++;
    }
  return { inside, width, height, middle: [sumX / pixels, sumY / pixels] as const };
}

/** Euclidean distance of each pixel to the next one whose value is `target` (Felzenszwalb and Huttenlocher 2012: one axis, then the other). */
function distances(mask: Uint8Array, width: number, height: number, target: number): Float64Array {
  const squared = Float64Array.from(mask, (value) => (value === target ? 0 : FAR));
  const line = new Float64Array(Math.max(width, height));
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) line[y] = squared[y * width + x] ?? 0;
    lowerEnvelope(line, height, (y, value) => (squared[y * width + x] = value));
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) line[x] = squared[y * width + x] ?? 0;
    lowerEnvelope(line, width, (x, value) => (squared[y * width + x] = value));
  }
  return squared.map(Math.sqrt);
}

/** More than any squared distance here, and small enough to calculate with. */
const FAR = 1e12;

/** For each place p of a line, the least of `heights[q] + (p - q)^2`. */
function lowerEnvelope(heights: Float64Array, length: number, set: (place: number, value: number) => void): void {
  const parabolas: number[] = [0];
  const from: number[] = [-Infinity];
  const h = (q: number) => heights[q] ?? 0;
  for (let q = 1; q < length; q++) {
    let start: number;
    for (;;) {
      const last = parabolas.at(-1) ?? 0;
      start = (h(q) + q * q - h(last) - last * last) / (2 * (q - last));
      if (start > (from.at(-1) ?? -Infinity)) break;
      parabolas.pop();
      from.pop();
    }
    parabolas.push(q);
    from.push(start);
  }
  const found: number[] = [];
  for (let p = 0, n = 0; p < length; p++) {
    while ((from[n + 1] ?? Infinity) < p) n++;
    const q = parabolas[n] ?? 0;
    found.push(h(q) + (p - q) ** 2);
  }
  found.forEach((value, p) => set(p, value));
}
