/** For each output pixel of an axis, the input pixels that make it and how much each counts. */
export interface AxisWeights {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `widest` for each output pixel; those of one sum up to 1. */
  readonly weights: Float64Array;
  readonly widest: number;
}

/**
 * Weights as Pillow, and PyTorch with `antialias`, resize an axis of `length` pixels to `size`: the kernel is widened where the
 * axis shrinks.
 * @param reach - Where the kernel becomes 0, in input pixels.
 */
export function axisWeights(length: number, size: number, kernel: (x: number) => number, reach: number): AxisWeights {
  const scale = length / size;
  const stretch = Math.max(scale, 1);
  const support = reach * stretch;
  const widest = Math.ceil(support) * 2 + 1;
  const axis = {
    first: new Int32Array(size),
    count: new Int32Array(size),
    weights: new Float64Array(size * widest),
    widest,
  };
  for (let n = 0; n < size; n++) {
    const centre = (n + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(length, Math.trunc(centre + support + 0.5));
    const weights = Array.from({ length: end - first }, (_, k) => kernel((k + first - centre + 0.5) * (1 / stretch)));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    axis.first[n] = first;
    axis.count[n] = weights.length;
    for (const [k, weight] of weights.entries()) axis.weights[n * widest + k] = sum === 0 ? weight : weight / sum;
  }
  return axis;
}
