import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Schema } from '@ohif-medsam/protocol';
import { z } from 'zod';

export const modelIdSchema = z
  .string()
  .max(64)
  .regex(/^[a-z0-9][a-z0-9.-]*$/, 'must be lower-case letters, digits, dots and dashes');

const fileSchema = z.object({
  /** Within the models folder. */
  path: z.string().regex(/^(?:\w[\w.-]*\/)*\w[\w.-]*$/, 'must be a plain path inside the models folder'),
  bytes: z.int().positive(),
  sha256: sha256Schema,
});
/** One ONNX file that a card names. */
export type CardedFile = z.output<typeof fileSchema>;

/** By variant, or by graph and then variant. */
const filesSchema = z.record(z.string(), z.union([fileSchema, z.record(z.string(), fileSchema)]));
type CardedFiles = z.output<typeof filesSchema>;

/** What installing needs of a card, whatever its family; whether the engine can use it, the engine says. */
const cardSchema = z.object({
  id: modelIdSchema,
  title: z.string(),
  version: z.string(),
  family: z.string(),
  licence: z.string(),
  notice: z.string().optional(),
  opset: z.int().positive().optional(),
  files: filesSchema,
});
export type ModelCard = z.output<typeof cardSchema>;

/** A card where it lies: `<folder>/cards/<file>`. */
export interface CardInFolder {
  readonly folder: string;
  readonly file: string;
  readonly card: ModelCard;
  /** As it was read, with what only the engine and people understand. */
  readonly raw: Readonly<Record<string, unknown>>;
}
export interface BadCard {
  readonly folder: string;
  readonly file: string;
  readonly problem: string;
}

/**
 * Reads `<folder>/cards/*.json`, in the order of their names.
 * @param folder - A models folder; one without cards has none.
 */
export async function readModelCards(folder: string): Promise<(CardInFolder | BadCard)[]> {
  const names = await readdir(join(folder, 'cards')).catch(() => []);
  const files = names.filter((name) => name.endsWith('.json')).sort();
  return Promise.all(files.map(async (file) => readModelCard(folder, file)));
}

export async function readModelCard(folder: string, file: string): Promise<CardInFolder | BadCard> {
  try {
    const raw = z
      .record(z.string(), z.unknown())
      .parse(JSON.parse(await readFile(join(folder, 'cards', file), 'utf8')));
    const parsed = cardSchema.safeParse(raw);
    if (parsed.success) return { folder, file, card: parsed.data, raw };
    return { folder, file, problem: `${file}: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}` };
  } catch (error) {
    return { folder, file, problem: `${file} is no card: ${error instanceof Error ? error.message : ''}` };
  }
}

const isFile = (entry: CardedFiles[string]): entry is CardedFile => typeof entry['path'] === 'string';

/** Every file of a card, with the name of its variant. */
export const filesOf = ({ files }: ModelCard): (CardedFile & { readonly variant: string })[] =>
  Object.entries(files).flatMap(([name, entry]) =>
    isFile(entry)
      ? [{ ...entry, variant: name }]
      : Object.entries(entry).map(([variant, file]) => ({ ...file, variant })),
  );

/** The files of a card under other paths. */
export const withPaths = (files: CardedFiles, pathOf: (file: CardedFile) => string): CardedFiles =>
  mapValues(files, (entry) =>
    isFile(entry) ? { ...entry, path: pathOf(entry) } : mapValues(entry, (file) => ({ ...file, path: pathOf(file) })),
  );

const mapValues = <A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));

/** Precisions that a model comes in. */
export const variantsOf = (card: ModelCard): string[] => [...new Set(filesOf(card).map(({ variant }) => variant))];

/** The cards of a folder that can be read; of one model, if an id is given. */
export async function goodCards(folder: string, id?: string): Promise<CardInFolder[]> {
  const cards = await readModelCards(folder);
  return cards.flatMap((read) => ('card' in read && (id === undefined || read.card.id === id) ? [read] : []));
}
