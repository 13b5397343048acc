import { z } from 'zod';
import { completeVariants, graphsShape } from '../cardParts.ts';

/** A model with an embedding of the whole image, which is computed once, and a decoder that reads prompts off it. */
export const embeddingCardSchema = z
  .object({
    family: z.literal('embedding'),
    ...graphsShape(['encoder', 'decoder']),
    input: z.object({
      /** Side of the square image in pixels. */
      size: z.int().min(16).max(2048),
      /** How an image is fed (feed.ts). */
      preprocessing: z.enum(['medsam', 'litemedsam']),
    }),
    embedding: z.object({
      channels: z.int().min(1).max(4096),
      /** Side of the embedding; masks have four times that. */
      grid: z.int().min(1).max(512),
    }),
    output: z.object({
      /** Probabilities are enlarged and cut, or logits are enlarged and their probabilities cut (loadEmbeddingModel.ts). */
      postprocessing: z.enum(['sigmoid-resize', 'resize-sigmoid']),
      threshold: z.number().gt(0).lt(1),
    }),
  })
  .refine((card) => completeVariants(card).length > 0, 'no variant has all graphs and golden values');
export type EmbeddingCard = z.output<typeof embeddingCardSchema>;
