/**
 * Numbers that any language makes alike: `low` to `high` by a multiplicative hash of the flat index,
 * `(i * 2654435761 mod 2^32) / 2^32`.
 * @see models/python/medsam_models/graphs/golden.py
 */
export function hashed(shape: readonly number[], low = 0, high = 1): { data: Float32Array; shape: readonly number[] } {
  const length = shape.reduce((product, n) => product * n, 1);
  const data = new Float32Array(length);
  for (let i = 0; i < length; i++) data[i] = low + (high - low) * ((Math.imul(i, 2654435761) >>> 0) / 2 ** 32);
  return { data, shape };
}
