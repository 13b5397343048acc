import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';

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

/**
 * What the trained network said to one fixed input (golden.ts): run at every start, so that an execution provider that
 * computes something else shows before a patient's image does.
 */
const goldenSchema = z
  .object({
    /** Flat indices into the output tensor. */
    at: z.array(z.int().min(0)).min(1),
    logits: z.array(z.number()).min(1),
    /** Largest absolute difference of a logit that is still the same. */
    tolerance: z.number().positive(),
  })
  .refine((golden) => golden.at.length === golden.logits.length, 'as many indices as logits');

/**
 * A model card: `cards/<id>.json` of the models folder. What the server needs stands here; further keys (training data,
 * numbers) are for people and pass unread. Another family of models becomes another member of this union.
 */
const cardSchema = z.discriminatedUnion('family', [
  z
    .object({
      family: z.literal('crop'),
      id: z
        .string()
        .max(64)
        .regex(/^[a-z0-9][a-z0-9.-]*$/, 'must be lower-case letters, digits, dots and dashes'),
      title: z.string().min(1).max(64),
      version: z.string().min(1).max(16),
      licence: z.string().min(1).max(200),
      files: z.object({
        fp32: z.object({
          /** Within the models folder. */
          path: z.string().regex(/^(?:\w[\w.-]*\/)*\w[\w.-]*$/, 'must be a plain path inside the models folder'),
          bytes: z.int().positive(),
          sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex'),
        }),
      }),
      /** float32; the channels stand in cropModel.ts. */
      input: tensorSchema(7),
      /** float32: logits; a pixel is inside where its logit lies above the threshold. */
      output: tensorSchema(1).extend({ threshold: z.number() }),
      /** float32: the IoU with the object that the model expects of its mask, 0 to 1. */
      score: z.object({ name: z.string().min(1), shape: z.tuple([z.literal('n')]) }),
      crop: cropSchema,
      golden: goldenSchema,
    })
    .refine(
      ({ input, output, crop }) => [...input.shape.slice(2), ...output.shape.slice(2)].every((n) => n === crop.size),
      'input, output and crop must be of one size',
    ),
]);
export type ModelCard = z.output<typeof cardSchema>;

/** A card file, read or not. */
export type CardFile =
  { readonly file: string; readonly card: ModelCard } | { readonly file: string; readonly problem: string };

/**
 * Reads every `*.json` of a folder as a model card, in the order of their names. What cannot be used stands in the list
 * with its problem: one bad card must not take the others away.
 */
export async function readCards(folder: string): Promise<CardFile[]> {
  try {
    const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
    return await Promise.all(files.map(async (file) => readCard(folder, file)));
  } catch (error) {
    const name = join(basename(dirname(folder)), basename(folder));
    return [{ file: name, problem: `The folder of model cards, ${name}, cannot be read${whyUnreadable(error)}.` }];
  }
}

async function readCard(folder: string, file: string): Promise<CardFile> {
  try {
    const parsed = cardSchema.safeParse(JSON.parse(await readFile(join(folder, file), 'utf8')));
    if (parsed.success) return { file, card: parsed.data };
    return { file, problem: `${file}: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}` };
  } catch (error) {
    const why = error instanceof SyntaxError ? `: ${error.message}` : ` cannot be read${whyUnreadable(error)}.`;
    return { file, problem: `${file}${why}` };
  }
}

/** What the file system says in one word, in brackets: its sentences name folders of this machine, which users do not get to see. */
export const whyUnreadable = (error: unknown): string =>
  error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
