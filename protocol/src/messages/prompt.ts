import { z } from 'zod';
import type { Box } from '../geometry/box.ts';
import type { Plane } from '../geometry/plane.ts';
import { LIMITS } from '../limits.ts';
import type { Runs } from '../mask/runs.ts';
import { idSchema, uidSchema } from './primitives.ts';
import { planeSchema } from './series.ts';
import { sliceHashSchema, windowChoiceSchema, type OfSlice, type UsedWindow } from './slice.ts';

/** A box may reach over the edge of its image, but not so far that working through it takes longer than through any image. */
const cornerSchema = z
  .int()
  .min(-2 * LIMITS.columns)
  .max(2 * LIMITS.columns);
export const boxSchema = z.tuple([cornerSchema, cornerSchema, cornerSchema, cornerSchema]).readonly();

const pixelSchema = z
  .int()
  .min(0)
  .max(2 * LIMITS.columns);
const pixelsSchema = z
  .array(z.tuple([pixelSchema, pixelSchema]).readonly())
  .max(LIMITS.pointsPerBox)
  .readonly();

/** Pixels of the plane's image (column and row, 0-based) on which somebody clicked: they belong to the object, or do not. */
export const pointsSchema = z
  .object({ inside: pixelsSchema, outside: pixelsSchema })
  .readonly()
  .refine(({ inside, outside }) => inside.length + outside.length <= LIMITS.pointsPerBox, {
    message: `must be at most ${String(LIMITS.pointsPerBox)} together`,
  });
export type Points = z.output<typeof pointsSchema>;

/**
 * `prompt:segment`: a box on a slice becomes a mask of a segment. A prompt id used again replaces its former mask, and a
 * request still waiting under that id ends with `superseded`.
 */
export const promptSchema = z.object({
  seriesUid: uidSchema,
  promptId: idSchema,
  segmentId: idSchema,
  plane: planeSchema,
  sliceHash: sliceHashSchema,
  box: boxSchema,
  /** All that correct this box, those of earlier requests too; the mask that stands under the prompt id is what they correct. */
  points: pointsSchema.optional(),
  window: windowChoiceSchema,
  modelId: z.string().max(64).optional(),
});
export type PromptRequest = OfSlice<z.output<typeof promptSchema>>;

/** The mask itself arrives before this as `document:changed`, as for everybody else. */
export interface PromptAnswer {
  readonly revision: number;
  /** The model's own estimate of the mask's quality, 0 to 1. */
  readonly score: number;
  readonly pixels: number;
  /** Of the request's points, those that the mask does not follow. */
  readonly missedPoints: number;
  readonly window: UsedWindow | null;
  readonly modelId: string;
  readonly device: string;
  readonly ms: { readonly queued: number; readonly inference: number; readonly total: number };
}

/**
 * `prompt:preview`: what `prompt:segment` would make of a box that is still in the hand. Nothing is kept of it. Under the same id a
 * newer preview, or the prompt itself, ends it with `superseded`.
 */
export const previewSchema = promptSchema.omit({ segmentId: true, points: true });
export type PreviewRequest = OfSlice<z.output<typeof previewSchema>>;

export interface PreviewAnswer {
  /** Over the whole image of the plane. */
  readonly runs: Runs;
  /** Columns of that image. */
  readonly columns: number;
}

/** A box that stands in the document, with the mask it made. */
export interface Prompt {
  readonly promptId: string;
  readonly segmentId: string;
  readonly plane: Plane;
  readonly box: Box;
  readonly points?: Points;
  readonly author: string;
}

/** `model:view`: what the model sees of a slice. Answer: {@link ModelView}. */
export const modelViewSchema = z.object({
  seriesUid: uidSchema,
  plane: planeSchema,
  sliceHash: sliceHashSchema,
  window: windowChoiceSchema,
  /** Longest side of the picture in pixels. */
  size: z.int().min(16).max(512),
});
export type ModelViewRequest = OfSlice<z.output<typeof modelViewSchema>>;
export interface ModelView {
  readonly columns: number;
  readonly rows: number;
  readonly components: 1 | 3;
  /** 8-bit, row-major, RGB interleaved. */
  readonly pixels: Uint8Array;
  readonly window: UsedWindow | null;
}
