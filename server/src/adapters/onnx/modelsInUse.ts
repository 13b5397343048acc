import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCards, type CardFile } from './card.ts';
import { reasonOf } from './cardParts.ts';
import type { EmbeddingCache } from './loadContext.ts';
import type { LoadedModel } from './loadedModel.ts';
import type { LoadGuard } from './loadGuard.ts';
import { loadModel, type ModelInUse } from './loadModel.ts';
import type { EngineOptions, ModelState } from './wire.ts';

/** The models of an engine process: those of the cards as they were read last. */
export class ModelsInUse {
  #models = new Map<string, ModelInUse & { readonly origin: string }>();
  #loads = 0;

  get(id: string): LoadedModel | undefined {
    return this.#models.get(id)?.model;
  }

  /**
   * Reads all cards. A model whose card is as before stays as it is, with all that it has computed; one whose card is
   * another, or gone, frees its memory.
   */
  async read(options: EngineOptions, embeddings: EmbeddingCache, guard: LoadGuard): Promise<ModelState[]> {
    const before = this.#models;
    const now: typeof before = new Map();
    const states: ModelState[] = [];
    for (const { folder, read } of await cardsIn(options)) {
      const id = 'card' in read ? read.card.id : read.file.replace(/\.json$/, '');
      try {
        if ('problem' in read) throw new Error(read.problem);
        if (now.has(id)) throw new Error(`A second card names the model ${id}.`);
        const origin = JSON.stringify([folder, read.card]);
        const known = before.get(id);
        const inUse =
          known?.origin === origin
            ? known
            : { ...(await loadModel(folder, read.card, options, this.#own(embeddings), guard)), origin };
        now.set(id, inUse);
        const { model, info, batch, passedOver } = inUse;
        const [hasEmbedding, hasMemory] = [model.prepare !== undefined, model.tracker !== undefined];
        const { hasLearnedScore } = model;
        states.push({ info, hasEmbedding, hasMemory, hasLearnedScore, batch, passedOver });
      } catch (error) {
        states.push({ id, problem: reasonOf(error) });
      }
    }
    this.#models = now;
    const gone = [...before].filter(([id, inUse]) => now.get(id) !== inUse);
    await Promise.all(gone.map(async ([, { release }]) => release()));
    return states;
  }

  /** A part of the cache for one loaded model: its successor of the same id reads nothing that it has not computed itself. */
  #own(embeddings: EmbeddingCache): EmbeddingCache {
    const load = String(++this.#loads);
    return {
      get: (key) => embeddings.get(`${load}|${key}`),
      set: (key, tensors) => embeddings.set(`${load}|${key}`, tensors),
    };
  }
}

async function cardsIn({ modelsFolder, installedFolder }: EngineOptions) {
  const found: { readonly folder: string; readonly read: CardFile }[] = [];
  for (const folder of [modelsFolder, installedFolder]) {
    if (folder === undefined || (folder === installedFolder && !existsSync(join(folder, 'cards')))) continue;
    for (const read of await readCards(join(folder, 'cards'))) found.push({ folder, read });
  }
  return found;
}
