import type { GraphContract } from '../session.ts';
import type { Numbers } from '../tensors.ts';
import type { TrackingCard } from './trackingCard.ts';

export type GraphName = keyof TrackingCard['files'];

/** What the encoder makes of an image, without the first axis. */
export const featureShapes = ({ embedding: { channels, grid } }: TrackingCard) => ({
  feat: [channels, grid, grid],
  high1: [channels / 4, 2 * grid, 2 * grid],
  high0: [channels / 8, 4 * grid, 4 * grid],
});

/** The answer of `init`, `adopt` and `track`. */
export type Answer = Readonly<Record<'low' | 'ptr' | 'obj', Float32Array>>;

/** What the graphs need of an image. */
export type Features = Readonly<Record<keyof ReturnType<typeof featureShapes>, Numbers>>;

/** @see models/python/medsam_models/medsam2/model.py */
export function contractsOf(card: TrackingCard): Record<GraphName, GraphContract> {
  const { channels, grid, memoryChannels } = card.embedding;
  const { size } = card.input;
  const features = Object.fromEntries(
    Object.entries(featureShapes(card)).map(([name, shape]) => [name, [1, ...shape]]),
  );
  const encoded = Object.fromEntries(
    Object.entries(featureShapes(card)).map(([name, shape]) => [name, ['b', ...shape]]),
  );
  const feat = [1, channels, grid, grid];
  const memory = [memoryChannels, grid, grid];
  const low = [1, 1, 4 * grid, 4 * grid];
  const answer = { low, ptr: [1, channels], obj: [1, 1] };
  return {
    encoder: { name: 'encoder', inputs: { image: ['b', 3, size, size] }, outputs: encoded },
    init: { name: 'init graph', inputs: { ...features, box: [1, 4] }, outputs: answer },
    adopt: { name: 'adopt graph', inputs: { feat, mask: [1, 1, size, size] }, outputs: answer },
    track: {
      name: 'track graph',
      inputs: { ...features, mem: ['n', ...memory], mem_t: ['n'], ptrs: ['p', channels], ptr_dt: ['p'] },
      outputs: answer,
    },
    memory: {
      name: 'memory graph',
      inputs: { feat, low, obj: [1, 1], is_prompt: [1] },
      outputs: { mem: [1, ...memory] },
    },
  };
}
