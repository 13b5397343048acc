import type { LoadedModel } from '../loadedModel.ts';
import type { Graph, GraphContract } from '../session.ts';
import type { CropCard } from './cropCard.ts';
import { cropAround, expectedDice, maskFromLogits } from './cropModel.ts';
import { goldenInput } from './golden.ts';

/** The one graph of a crop model, as its card says. */
export const cropContract = ({ input, output }: CropCard): GraphContract => ({
  name: 'graph',
  inputs: { [input.name]: input.shape },
  outputs: { [output.name]: output.shape },
});

/** @throws ModelProblem if the graph does not compute the card's golden logits. */
export async function loadCropModel(graph: Graph, card: CropCard): Promise<LoadedModel> {
  const { input, output, crop, golden } = card;
  const feed = (data: Float32Array) => ({ [input.name]: { data, shape: [1, 4, crop.size, crop.size] } });
  await graph.checkGolden(feed(goldenInput(crop)), { [output.name]: { ...golden, values: golden.logits } });
  return {
    async segment(image, box) {
      const { tensor, region } = cropAround(image, box, crop);
      const logits = (await graph.run(feed(tensor)))[output.name]!;
      return {
        runs: maskFromLogits(logits, region, image.columns, image.rows, output.threshold),
        score: expectedDice(logits, output.threshold),
      };
    },
  };
}
