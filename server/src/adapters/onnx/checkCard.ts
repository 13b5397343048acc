import { join } from 'node:path';
import type { ModelInfo } from '@ohif-medsam/protocol';
import { readCard } from './card.ts';
import { reasonOf } from './cardParts.ts';
import type { EmbeddingCache } from './loadContext.ts';
import { infoOf, openVariant, variantsOf } from './openVariant.ts';
import { verifiedFiles } from './verifiedFile.ts';

/** What is to be checked. */
export interface CheckCard {
  readonly modelsFolder: string;
  /** Within `cards/`. */
  readonly cardFile: string;
  readonly threads: number;
}

/** The model as a server would offer it in its first variant, or all that is wrong with it. */
export type CheckOutcome = { readonly info: ModelInfo } | { readonly problems: readonly string[] };

/** Nothing is segmented here. */
const forgetful: EmbeddingCache = { get: () => undefined, set: () => undefined };

/** Loads each variant on the CPU, one after another, and runs its golden inputs. */
export async function checkCard({ modelsFolder, cardFile, threads }: CheckCard): Promise<CheckOutcome> {
  const read = await readCard(join(modelsFolder, 'cards'), cardFile);
  if ('problem' in read) return { problems: [read.problem] };
  const { card } = read;
  const variants = variantsOf(card);
  const problems: string[] = [];
  for (const [variant, files] of variants) {
    try {
      const verified = await verifiedFiles(modelsFolder, files);
      const { release } = await openVariant(
        card,
        variant,
        verified,
        { provider: 'cpu', device: 0, threads, batch: 1 },
        forgetful,
      );
      await release();
    } catch (error) {
      problems.push(variants.length > 1 ? `${variant}: ${reasonOf(error)}` : reasonOf(error));
    }
  }
  const [first] = variants;
  if (!first || problems.length > 0) return { problems };
  const [variant, files] = first;
  return { info: infoOf(card, files, variant, 'cpu') };
}
