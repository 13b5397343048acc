import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@ohif-medsam/protocol';
import { filesOf, goodCards, type CardInFolder } from './modelCard.ts';
import { changeModels, type ModelFolders } from './modelFolders.ts';

/**
 * Removes an installed model, its card first: nobody begins with a model whose weights are going.
 * @throws AppError `input-invalid` if there is no such model, or it is one of the project's own.
 */
export async function removeModel(id: string, { embedded, installed }: ModelFolders): Promise<void> {
  const cards = await goodCards(installed, id);
  if (cards.length === 0 && (await goodCards(embedded, id)).length > 0)
    throw new AppError(
      'input-invalid',
      `${id} lies in the project's own models folder, which every viewer falls back to.`,
    );
  if (cards.length === 0)
    throw new AppError('input-invalid', `No model ${id} is installed. What is: npm run models -- list`);
  await changeModels(installed, async () => {
    await removeCards(cards);
    await removeUnnamed(installed, id, cards);
  });
}

export async function removeCards(cards: readonly CardInFolder[]): Promise<void> {
  for (const { folder, file } of cards) await rm(join(folder, 'cards', file), { force: true });
}

/**
 * Removes what was a model's and is named by no card of the folder any more.
 * @param former - Cards that named it.
 */
export async function removeUnnamed(folder: string, id: string, former: readonly CardInFolder[]): Promise<void> {
  const own = join('weights', id);
  const stored = (await readdir(join(folder, own)).catch(() => [])).map((name) => `weights/${id}/${name}`);
  const named = new Set((await goodCards(folder)).flatMap(({ card }) => filesOf(card).map(({ path }) => path)));
  for (const path of [...former.flatMap(({ card }) => filesOf(card).map((file) => file.path)), ...stored])
    if (!named.has(path)) await rm(join(folder, path), { force: true });
  // Stays where it holds something.
  await rmdir(join(folder, own)).catch(() => undefined);
}
