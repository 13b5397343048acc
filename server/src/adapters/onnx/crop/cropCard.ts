import { z } from 'zod';
import {
  completeVariants,
  fileSchema,
  goldenValuesSchema,
  identityShape,
  VARIANTS,
  type FileFacts,
  type GoldenValues,
  type Variant,
} from '../cardParts.ts';

/** Of the input: red, green, blue, box, points inside, points outside, mask, slice beside. */
export const CHANNELS = 8;

const tensorSchema = (channels: number) =>
  z.object({
    name: z.string().min(1),
    /** Batch, channels, rows, columns. */
    shape: z.tuple([z.literal('n'), z.literal(channels), z.int().positive(), z.int().positive()]),
  });

/** How a crop is cut out; the arithmetic stands in cropModel.ts. */
const cropSchema = z.object({
  /** Side of the square in pixels. */
  size: z.int().min(8).max(2048),
  /** Side of the region that is cut out, over the side of the box. */
  context: z.number().min(1),
  /** The longer side of the box counts at most this many times the shorter one. */
  maxStretch: z.number().min(1),
});

export type CropContract = z.output<typeof cropSchema>;

type OfVariants<T> = Readonly<Partial<Record<Variant, T>>>;

/** The variants of the one graph that have golden values. */
export const cropVariants = ({ files, golden }: { files: OfVariants<FileFacts>; golden: OfVariants<GoldenValues> }) =>
  completeVariants({ files: { graph: files }, golden });

/** A model that sees a crop around one box. */
export const cropCardSchema = z
  .object({
    family: z.literal('crop'),
    ...identityShape,
    files: z.partialRecord(z.enum(VARIANTS), fileSchema),
    /** float32; the channels stand in cropModel.ts. */
    input: tensorSchema(CHANNELS),
    /** float32: logits; a pixel is inside where its logit lies above the threshold. */
    output: tensorSchema(1).extend({ threshold: z.number() }),
    /** float32: the IoU with the object that the model expects of its mask, 0 to 1. */
    score: z.object({ name: z.string().min(1), shape: z.tuple([z.literal('n')]) }),
    crop: cropSchema,
    /**
     * Of each variant, the logits of one fixed input (golden.ts): run at every start, so that an execution provider that
     * computes something else shows before a patient's image does.
     */
    golden: z.partialRecord(z.enum(VARIANTS), goldenValuesSchema),
  })
  .refine((card) => cropVariants(card).length > 0, 'no variant has golden values')
  .refine(
    ({ input, output, crop }) => [...input.shape.slice(2), ...output.shape.slice(2)].every((n) => n === crop.size),
    'input, output and crop must be of one size',
  );
export type CropCard = z.output<typeof cropCardSchema>;
