import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { goodCards, variantsOf, type CardInFolder } from './modelCard.ts';
import { downloadsOf, type ModelFolders } from './modelFolders.ts';
import type { PublishedModel } from './publishedModel.ts';

export interface ListedModel {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly family: string;
  readonly variants: readonly string[];
  readonly licence: string;
  readonly where: 'embedded' | 'installed' | 'fetched, not converted yet' | 'can be fetched';
}

/** Every model that there is or could be: the project's own, then installed ones, then published ones. */
export async function listModels(
  folders: ModelFolders,
  published: readonly PublishedModel[],
): Promise<readonly ListedModel[]> {
  const [embedded, installed] = await Promise.all([goodCards(folders.embedded), goodCards(folders.installed)]);
  const present = [
    ...embedded.map((read) => listed(read, 'embedded')),
    ...installed.map((read) => listed(read, 'installed')),
  ];
  const absent = published.filter(({ id }) => !present.some((model) => model.id === id));
  const fetchable = absent.map(async ({ id, title, family, licence, file }): Promise<ListedModel> => {
    const isFetched = await isThere(join(downloadsOf(folders), file));
    const where = isFetched ? 'fetched, not converted yet' : 'can be fetched';
    return { id, title, version: '', family, variants: [], licence, where };
  });
  return [...present, ...(await Promise.all(fetchable))];
}

const listed = ({ card }: CardInFolder, where: ListedModel['where']): ListedModel => {
  const { id, title, version, family, licence } = card;
  return { id, title, version, family, variants: variantsOf(card), licence, where };
};

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
