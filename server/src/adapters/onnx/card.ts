import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { whyUnreadable } from './cardParts.ts';
import { cropCardSchema } from './crop/cropCard.ts';
import { embeddingCardSchema } from './embedding/embeddingCard.ts';
import { trackingCardSchema } from './tracking/trackingCard.ts';

/**
 * A model card: `cards/<id>.json` of the models folder. What the server needs stands here; further keys (training data,
 * numbers) are for people and pass unread. Another family of models becomes another member of this union.
 */
const cardSchema = z.discriminatedUnion('family', [cropCardSchema, embeddingCardSchema, trackingCardSchema]);
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

/** Reads one file of such a folder. */
export async function readCard(folder: string, file: string): Promise<CardFile> {
  try {
    const parsed = cardSchema.safeParse(JSON.parse(await readFile(join(folder, file), 'utf8')));
    if (parsed.success) return { file, card: parsed.data };
    return { file, problem: `${file}: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}` };
  } catch (error) {
    const why = error instanceof SyntaxError ? `: ${error.message}` : ` cannot be read${whyUnreadable(error)}.`;
    return { file, problem: `${file}${why}` };
  }
}
