import { CHANNELS, type CropContract } from './cropCard.ts';

/**
 * The input behind a crop model's golden logits, made alike in any language: a multiplicative hash of the flat index,
 * `(i * 2654435761 mod 2^32) / 2^32`; but the box channel is that of a square box in the middle.
 * @returns `[1, 8, size, size]` float32.
 * @see models/python/medsam_models/export.py, golden_input
 */
export function goldenInput({ size, context }: CropContract): Float32Array {
  const input = Float32Array.from(
    { length: CHANNELS * size * size },
    (_, i) => (Math.imul(i, 2654435761) >>> 0) / 2 ** 32,
  );
  const box = 3 * size * size;
  const margin = (context - 1) / 2;
  const share = Array.from({ length: size }, (_, at) => {
    const [start, stop] = [(at * context) / size - margin, ((at + 1) * context) / size - margin];
    return (Math.max(0, Math.min(1, stop) - Math.max(0, start)) * size) / context;
  });
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) input[box + y * size + x] = (share[y] ?? 0) * (share[x] ?? 0);
  return input;
}
