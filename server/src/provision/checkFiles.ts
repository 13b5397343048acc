import { join } from 'node:path';
import type { ModelInfo } from '@ohif-medsam/protocol';
import { filesOf, type BadCard, type CardInFolder } from './modelCard.ts';
import { opsetOf } from './opset.ts';

/**
 * Compares every file of a model with its card, loads it on the CPU and runs its golden inputs.
 * @param folder - With `cards/` and `weights/`. @param cardFile - Name within `cards/`.
 */
export type CheckModel = (
  folder: string,
  cardFile: string,
) => Promise<{ readonly info: ModelInfo } | { readonly problems: readonly string[] }>;

/** What is wrong with a model, in sentences. Empty if it is good. */
export async function problemsOf(read: CardInFolder | BadCard, checkModel: CheckModel): Promise<readonly string[]> {
  if ('problem' in read) return [read.problem];
  const checked = await checkModel(read.folder, read.file);
  return 'problems' in checked ? checked.problems : opsetProblems(read);
}

async function opsetProblems({ folder, card }: CardInFolder): Promise<string[]> {
  const problems: string[] = [];
  for (const { path } of card.opset === undefined ? [] : filesOf(card)) {
    const opset = await opsetOf(join(folder, path));
    if (opset !== card.opset)
      problems.push(`${path} is of opset ${String(opset ?? 'unknown')}, its card says ${String(card.opset)}.`);
  }
  return problems;
}
