import type { Box } from '@ohif-medsam/protocol';
import type { SliceImage } from '../../../ports/inferenceEngine.ts';
import type { GoldenOfGraph } from '../cardParts.ts';
import { maskOf } from '../embedding/enlarge.ts';
import type { LoadContext } from '../loadContext.ts';
import { ModelProblem, type LoadedModel } from '../loadedModel.ts';
import type { GraphContract } from '../session.ts';
import { expectedDice } from './expectedDice.ts';
import { trackingTensor } from './feed.ts';
import { trackingGolden } from './golden.ts';
import type { TrackingCard } from './trackingCard.ts';

type GraphName = keyof TrackingCard['files'];

/**
 * Loads a tracking model for boxes on single slices: encoder and `init` stay; `track` and `memory`, which go from slice to
 * slice, are run on their golden inputs and let go again.
 * @throws ModelProblem
 */
export async function loadTrackingModel(
  card: TrackingCard,
  golden: Readonly<Record<GraphName, GoldenOfGraph>>,
  { open, embeddings }: LoadContext,
): Promise<LoadedModel> {
  const { size } = card.input;
  const contracts = contractsOf(card);
  const inputs = trackingGolden(card);
  const openChecked = async (name: GraphName) => {
    const graph = await open(name, contracts[name]);
    await graph.checkGolden(inputs[name], golden[name]);
    return graph;
  };
  for (const name of ['track', 'memory'] as const) await (await openChecked(name)).release();
  const encoder = await openChecked('encoder');
  const init = await openChecked('init');
  const shapes = featureShapes(card);

  const encode = async (image: SliceImage): Promise<readonly Float32Array[]> => {
    const key = `${card.id}|${image.key}`;
    const known = embeddings.get(key);
    if (known) return known;
    const outputs = await encoder.run({ image: { data: trackingTensor(image, size), shape: [1, 3, size, size] } });
    const features = Object.keys(shapes).map((name) => outputs[name]!);
    embeddings.set(key, features);
    return features;
  };

  return {
    async prepare(image) {
      await encode(image);
    },
    async segment(image, { box, corrections }) {
      if (corrections && (corrections.inside.length > 0 || corrections.outside.length > 0))
        throw new ModelProblem(`${card.title} takes boxes only; choose another model to correct by points.`);
      const features = await encode(image);
      const feeds = Object.entries(shapes).map(
        ([name, shape], n) => [name, { data: features[n]!, shape: [1, ...shape] }] as const,
      );
      const { low } = await init.run({
        ...Object.fromEntries(feeds),
        box: { data: inputBox(box, image, size), shape: [1, 4] },
      });
      const side = 4 * card.embedding.grid;
      const { threshold } = card.output;
      const part = { data: low!, stride: side, columns: side, rows: side };
      return {
        runs: maskOf(part, image.columns, image.rows, (logit) => logit > threshold),
        score: expectedDice(low!, threshold),
      };
    },
  };
}

const featureShapes = ({ embedding: { channels, grid } }: TrackingCard) => ({
  feat: [channels, grid, grid],
  high1: [channels / 4, 2 * grid, 2 * grid],
  high0: [channels / 8, 4 * grid, 4 * grid],
});

function contractsOf(card: TrackingCard): Record<GraphName, GraphContract> {
  const { channels, grid, memoryChannels } = card.embedding;
  const { size } = card.input;
  const features = Object.fromEntries(
    Object.entries(featureShapes(card)).map(([name, shape]) => [name, [1, ...shape]]),
  );
  const encoded = Object.fromEntries(
    Object.entries(featureShapes(card)).map(([name, shape]) => [name, ['b', ...shape]]),
  );
  const memory = [memoryChannels, grid, grid];
  const low = [1, 1, 4 * grid, 4 * grid];
  const answer = { low, ptr: [1, channels], obj: [1, 1] };
  return {
    encoder: { name: 'encoder', inputs: { image: ['b', 3, size, size] }, outputs: encoded },
    init: { name: 'init graph', inputs: { ...features, box: [1, 4] }, outputs: answer },
    track: {
      name: 'track graph',
      inputs: { ...features, mem: ['n', ...memory], mem_t: ['n'], ptrs: ['p', channels], ptr_dt: ['p'] },
      outputs: answer,
    },
    memory: {
      name: 'memory graph',
      inputs: { feat: [1, channels, grid, grid], low, obj: [1, 1], is_prompt: [1] },
      outputs: { mem: [1, ...memory] },
    },
  };
}

/** Float32 throughout, the sides apart. @param box - Pixel indices, inclusive; what reaches over the edge is cut off. */
function inputBox([x0, y0, x1, y1]: Box, { columns, rows }: SliceImage, size: number): Float32Array {
  const scaled = (value: number, length: number) =>
    Math.fround(Math.min(length - 1, Math.max(0, value)) / length) * size;
  return Float32Array.of(scaled(x0, columns), scaled(y0, rows), scaled(x1, columns), scaled(y1, rows));
}
