import { z } from 'zod';
import { completeVariants, graphsShape } from '../cardParts.ts';

/** A model that carries an object from slice to slice by what it remembers of the slices before. */
export const trackingCardSchema = z
  .object({
    family: z.literal('tracking'),
    ...graphsShape(['encoder', 'init', 'adopt', 'track', 'memory']),
    input: z.object({
      /** Side of the square image in pixels. */
      size: z.int().min(16).max(2048),
      preprocessing: z.literal('medsam2'),
    }),
    embedding: z.object({
      channels: z.int().min(8).max(4096).multipleOf(8),
      /** Side of the coarsest features; masks have four times that. */
      grid: z.int().min(1).max(512),
      memoryChannels: z.int().min(1).max(4096),
    }),
    output: z.object({ postprocessing: z.literal('resize-logits'), threshold: z.number() }),
  })
  .refine((card) => completeVariants(card).length > 0, 'no variant has all graphs and golden values');
export type TrackingCard = z.output<typeof trackingCardSchema>;
