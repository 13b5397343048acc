import { problemsOf, type CheckModel } from './checkFiles.ts';
import { readModelCards } from './modelCard.ts';
import type { ModelFolders } from './modelFolders.ts';

export interface VerifiedModel {
  /** Of the model; of the card, where that cannot be read. */
  readonly name: string;
  readonly problems: readonly string[];
}

/** Every file of every model against its card, and every model at work, one after the other. */
export async function* verifyModels(
  { embedded, installed }: ModelFolders,
  checkModel: CheckModel,
): AsyncGenerator<VerifiedModel> {
  const seen = new Set<string>();
  for (const read of [...(await readModelCards(embedded)), ...(await readModelCards(installed))]) {
    const name = 'card' in read ? read.card.id : read.file;
    const twice = seen.has(name) ? [`A second card names the model ${name}.`] : [];
    seen.add(name);
    yield { name, problems: [...twice, ...(await problemsOf(read, checkModel))] };
  }
}
