import type { Box } from '@ohif-medsam/protocol';
import type { Corrections, SliceImage } from '../../../ports/inferenceEngine.ts';
import type { GoldenOfGraph } from '../cardParts.ts';
import type { LoadContext } from '../loadContext.ts';
import type { LoadedModel } from '../loadedModel.ts';
import type { Numbers } from '../tensors.ts';
import type { EmbeddingCard } from './embeddingCard.ts';
import { maskOf, sigmoid } from './enlarge.ts';
import { FEEDS } from './feed.ts';
import { decoderGolden, encoderGolden } from './golden.ts';
import { maskInput } from './maskInput.ts';

/**
 * Loads encoder and decoder and runs their golden inputs.
 * @throws ModelProblem
 */
export async function loadEmbeddingModel(
  card: EmbeddingCard,
  golden: { readonly encoder: GoldenOfGraph; readonly decoder: GoldenOfGraph },
  { open, embeddings }: LoadContext,
): Promise<LoadedModel> {
  const { size, preprocessing } = card.input;
  const { channels, grid } = card.embedding;
  const side = 4 * grid;
  const feed = FEEDS[preprocessing];
  const embeddingShape = [channels, grid, grid];
  const encoder = await open('encoder', {
    name: 'encoder',
    inputs: { image: ['n', 3, size, size] },
    outputs: { embedding: ['n', ...embeddingShape] },
  });
  const decoder = await open('decoder', {
    name: 'decoder',
    inputs: {
      embedding: ['n', ...embeddingShape],
      boxes: ['b', 4],
      points: ['b', 'p', 2],
      labels: ['b', 'p'],
      mask: ['b', 1, side, side],
      has_mask: ['b'],
    },
    outputs: { logits: ['b', 1, side, side], iou: ['b', 1] },
  });
  await encoder.checkGolden(encoderGolden(size), golden.encoder);
  await decoder.checkGolden(decoderGolden(size, channels, grid), golden.decoder);

  const embed = async (image: SliceImage): Promise<Float32Array> => {
    const key = `${card.id}|${image.key}`;
    const known = embeddings.get(key);
    if (known) return known[0]!;
    const { embedding } = await encoder.run({ image: { data: feed.tensor(image, size), shape: [1, 3, size, size] } });
    embeddings.set(key, [embedding!]);
    return embedding!;
  };

  /** One prompt as the decoder reads it. */
  const promptOf = (image: SliceImage, box: Box, corrections: Corrections | undefined): Record<string, Numbers> => {
    const { inside = [], outside = [], mask } = corrections ?? {};
    const points = [...inside, ...outside].flatMap((point) => feed.point(point, image, size));
    const labels = [...inside.map(() => 1), ...outside.map(() => 0)];
    const shown = feed.shown(image, side);
    return {
      boxes: { data: Float32Array.from(feed.box(withinImage(box, image), image, size)), shape: [1, 4] },
      points: { data: Float32Array.from(points), shape: [1, labels.length, 2] },
      labels: { data: Float32Array.from(labels), shape: [1, labels.length] },
      mask: {
        data: mask ? maskInput(mask, image, shown, side) : new Float32Array(side * side),
        shape: [1, 1, side, side],
      },
      has_mask: { data: Float32Array.of(mask ? 1 : 0), shape: [1] },
    };
  };

  return {
    hasLearnedScore: false,
    async prepare(image) {
      await embed(image);
    },
    async segment(image, { box, corrections }) {
      const embedding = { data: await embed(image), shape: [1, ...embeddingShape] };
      const { logits, iou } = await decoder.run({ embedding, ...promptOf(image, box, corrections) });
      return {
        runs: maskOfLogits(card, logits!, image),
        score: Math.min(1, Math.max(0, iou![0]!)),
      };
    },
  };
}

/** The order of sigmoid and resampling is that of each model's own script, and moves the outline. */
function maskOfLogits(card: EmbeddingCard, logits: Float32Array, image: SliceImage) {
  const { postprocessing, threshold } = card.output;
  const side = 4 * card.embedding.grid;
  const part = { stride: side, ...FEEDS[card.input.preprocessing].shown(image, side) };
  if (postprocessing === 'sigmoid-resize') {
    const shares = logits.map(sigmoid);
    return maskOf({ ...part, data: shares }, image.columns, image.rows, (share) => share > threshold);
  }
  return maskOf({ ...part, data: logits }, image.columns, image.rows, (logit) => sigmoid(logit) > threshold);
}

/** These models never saw a box that reaches over the edge. */
const withinImage = ([x0, y0, x1, y1]: Box, { columns, rows }: SliceImage): Box => [
  Math.max(0, x0),
  Math.max(0, y0),
  Math.min(columns - 1, x1),
  Math.min(rows - 1, y1),
];
