import { stat } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { AppError } from '@ohif-medsam/protocol';
import { convertCommand } from './convertCommand.ts';
import { readModelCard, readModelCards, type BadCard, type CardInFolder } from './modelCard.ts';
import type { PublishedModel } from './publishedModel.ts';

const CHECKPOINTS = new Set(['.pth', '.pt', '.ckpt', '.safetensors']);
const ARCHIVES = new Set(['.zip', '.tar', '.gz', '.tgz', '.7z']);

/**
 * The cards that somebody means by a folder or file.
 * @param source - A folder with `cards/` and `weights/`, or a card in such a folder.
 * @throws AppError `input-invalid` saying what to give instead, for weights that are to be converted the one command.
 */
export async function findCards(
  source: string,
  published: readonly PublishedModel[],
): Promise<(CardInFolder | BadCard)[]> {
  const path = resolve(source);
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new AppError('input-invalid', `There is no ${source}.`);
  if (found.isDirectory()) {
    const cards = await readModelCards(path);
    if (cards.length > 0) return cards;
    throw new AppError('input-invalid', `${source} has no cards/*.json: give the folder that the export wrote.`);
  }
  const kind = extname(path).toLowerCase();
  if (CHECKPOINTS.has(kind)) throw new AppError('input-invalid', convertFirst(path, published));
  if (ARCHIVES.has(kind))
    throw new AppError('input-invalid', `${source} is an archive: unpack it and give the folder.`);
  const folder = dirname(dirname(path));
  if (kind !== '.json' || basename(dirname(path)) !== 'cards')
    throw new AppError('input-invalid', `${source} is no card: give cards/<model>.json, or the folder above cards/.`);
  return [await readModelCard(folder, basename(path))];
}

function convertFirst(path: string, published: readonly PublishedModel[]): string {
  const known = published.find(({ file }) => file === basename(path));
  const some = known ? [known] : published;
  const commands = some.map((model) => convertCommand(model, path, resolve('exported', model.id)));
  return `${basename(path)} has to be converted first:\n${commands.join('\nor\n')}`;
}
