import { hashed } from '../hashed.ts';
import type { Numbers } from '../tensors.ts';
import type { TrackingCard } from './trackingCard.ts';

/** The golden inputs of each graph. @see models/python/medsam_models/graphs/graph.py, _tracking */
export function trackingGolden({ input: { size }, embedding }: Pick<TrackingCard, 'input' | 'embedding'>) {
  const { channels, grid, memoryChannels } = embedding;
  const features = {
    feat: hashed([1, channels, grid, grid], -1, 1),
    high1: hashed([1, channels / 4, 2 * grid, 2 * grid], -1, 1),
    high0: hashed([1, channels / 8, 4 * grid, 4 * grid], -1, 1),
  };
  const list = (...values: number[]): Numbers => ({ data: Float32Array.from(values), shape: [values.length] });
  return {
    encoder: { image: hashed([1, 3, size, size], -2, 2) },
    init: { ...features, box: { ...list(...[2, 2, 6, 6].map((n) => (n * size) / 8)), shape: [1, 4] } },
    adopt: { feat: features.feat, mask: hashed([1, 1, size, size]) },
    // The prompted slice and the two slices before this one; three pointers.
    track: {
      ...features,
      mem: hashed([3, memoryChannels, grid, grid], -1, 1),
      mem_t: list(0, 5, 6),
      ptrs: hashed([3, channels], -1, 1),
      ptr_dt: list(3 / 15, 1 / 15, 2 / 15),
    },
    memory: {
      feat: features.feat,
      low: hashed([1, 1, 4 * grid, 4 * grid], -8, 8),
      obj: { ...list(1), shape: [1, 1] },
      is_prompt: list(1),
    },
  };
}
