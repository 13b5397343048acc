import type { GoldenValues } from '../cardParts.ts';
import type { LoadedModel } from '../loadedModel.ts';
import type { Graph, GraphContract } from '../session.ts';
import { CHANNELS, type CropCard } from './cropCard.ts';
import { cropAround, maskFromLogits } from './cropModel.ts';
import { goldenInput } from './golden.ts';

/** The one graph of a crop model, as its card says. */
export const cropContract = ({ input, output, score }: CropCard): GraphContract => ({
  name: 'graph',
  inputs: { [input.name]: input.shape },
  outputs: { [output.name]: output.shape, [score.name]: score.shape },
});

/** @throws ModelProblem if the graph does not compute the `golden` logits. */
export async function loadCropModel(graph: Graph, card: CropCard, golden: GoldenValues): Promise<LoadedModel> {
  const { input, output, score, crop } = card;
  const feed = (data: Float32Array) => ({ [input.name]: { data, shape: [1, CHANNELS, crop.size, crop.size] } });
  await graph.checkGolden(feed(goldenInput(crop)), { [output.name]: golden });
  return {
    hasLearnedScore: true,
    async segment(image, { box, corrections, beside }) {
      const { tensor, region } = cropAround(image, box, crop, corrections, beside);
      const answer = await graph.run(feed(tensor));
      const runs = maskFromLogits(answer[output.name]!, region, image.columns, image.rows, output.threshold);
      return { runs, score: answer[score.name]![0]! };
    },
  };
}
