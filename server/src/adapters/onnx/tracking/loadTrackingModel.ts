import type { Box } from '@ohif-medsam/protocol';
import type { SliceImage } from '../../../ports/inferenceEngine.ts';
import type { GoldenOfGraph } from '../cardParts.ts';
import { maskOf } from '../embedding/enlarge.ts';
import type { LoadContext } from '../loadContext.ts';
import { ModelProblem, type LoadedModel, type Segmented } from '../loadedModel.ts';
import type { Graph } from '../session.ts';
import { contractsOf, featureShapes, type Answer, type Features, type GraphName } from './contracts.ts';
import { expectedDice } from './expectedDice.ts';
import { trackingTensor } from './feed.ts';
import { trackingGolden } from './golden.ts';
import { trackerOf } from './tracker.ts';
import type { TrackingCard } from './trackingCard.ts';

/**
 * Loads the five graphs and runs their golden inputs: boxes on single slices, and masks carried from slice to slice.
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
  const openChecked = async (name: GraphName): Promise<Graph> => {
    const graph = await open(name, contracts[name]);
    await graph.checkGolden(inputs[name], golden[name]);
    return graph;
  };
  const [encoder, init] = [await openChecked('encoder'), await openChecked('init')];
  const graphs = {
    adopt: await openChecked('adopt'),
    track: await openChecked('track'),
    memory: await openChecked('memory'),
  };
  const { feat, high1, high0 } = featureShapes(card);

  const encode = async (image: SliceImage): Promise<Features> => {
    const key = `${card.id}|${image.key}`;
    let features = embeddings.get(key);
    if (!features) {
      const outputs = await encoder.run({ image: { data: trackingTensor(image, size), shape: [1, 3, size, size] } });
      features = [outputs['feat']!, outputs['high1']!, outputs['high0']!];
      embeddings.set(key, features);
    }
    const numbers = (n: number, shape: readonly number[]) => ({ data: features[n]!, shape: [1, ...shape] });
    return { feat: numbers(0, feat), high1: numbers(1, high1), high0: numbers(2, high0) };
  };

  const segmented = ({ low }: Pick<Answer, 'low'>, image: SliceImage): Segmented => {
    const side = 4 * card.embedding.grid;
    const { threshold } = card.output;
    const part = { data: low, stride: side, columns: side, rows: side };
    return {
      runs: maskOf(part, image.columns, image.rows, (logit) => logit > threshold),
      score: expectedDice(low, threshold),
    };
  };

  return {
    hasLearnedScore: false,
    async prepare(image) {
      await encode(image);
    },
    async segment(image, { box, corrections }) {
      if (corrections && (corrections.inside.length > 0 || corrections.outside.length > 0))
        throw new ModelProblem(`${card.title} takes boxes only; choose another model to correct by points.`);
      const box4 = { data: inputBox(box, image, size), shape: [1, 4] };
      const { low } = await init.run({ ...(await encode(image)), box: box4 });
      return segmented({ low: low! }, image);
    },
    tracker: trackerOf({ card, graphs, encode, segmented }),
  };
}

/** Float32 throughout, the sides apart. @param box - Pixel indices, inclusive; what reaches over the edge is cut off. */
function inputBox([x0, y0, x1, y1]: Box, { columns, rows }: SliceImage, size: number): Float32Array {
  const scaled = (value: number, length: number) =>
    Math.fround(Math.min(length - 1, Math.max(0, value)) / length) * size;
  return Float32Array.of(scaled(x0, columns), scaled(y0, rows), scaled(x1, columns), scaled(y1, rows));
}
