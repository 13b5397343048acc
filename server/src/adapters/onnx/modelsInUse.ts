import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCards, type CardFile } from './card.ts';
import { reasonOf } from './cardParts.ts';
import type { EmbeddingCache } from './loadContext.ts';
import type { LoadedModel } from './loadedModel.ts';
import type { LoadGuard } from './loadGuard.ts';
import { loadModel, type ModelInUse } from './loadModel.ts';
import { idOf } from './modelStates.ts';
import type { EngineOptions, ModelState } from './wire.ts';

/** The models of an engine process: those of the cards as they were read last. */
export class ModelsInUse {
  #models = new Map<string, ModelInUse & { readonly origin: string; readonly state: ModelState }>();
  #loads = 0;

  get(id: string): LoadedModel | undefined {
    return this.#models.get(id)?.model;
  }

  /**
   * Reads all cards. A model whose card is as before stays as it is, with all that it has computed; one whose card is
   * another, or gone, frees its memory.
   * @returns Yields after each that was loaded or could not be, while there are more cards: until their turn comes, those of before
   *   can be used.
   */
  async *read(
    options: EngineOptions,
    embeddings: EmbeddingCache,
    guard: LoadGuard,
  ): AsyncGenerator<ModelState[], ModelState[], undefined> {
    const before = this.#models;
    const now: typeof before = new Map();
    const states: ModelState[] = [];
    const cards = await cardsIn(options);
    for (const [n, { folder, read }] of cards.entries()) {
      const id = 'card' in read ? read.card.id : read.file.replace(/\.json$/, '');
      const origin = JSON.stringify([folder, 'card' in read && read.card]);
      const known = before.get(id);
      if (known?.origin === origin && !now.has(id)) {
        now.set(id, known);
        states.push(known.state);
        continue;
      }
      try {
        if ('problem' in read) throw new Error(read.problem);
        if (now.has(id)) throw new Error(`A second card names the model ${id}.`);
        const loaded = await loadModel(folder, read.card, options, this.#own(embeddings), guard);
        const state = stateOf(loaded);
        now.set(id, { ...loaded, origin, state });
        states.push(state);
      } catch (error) {
        states.push({ id, problem: reasonOf(error) });
      }
      if (n + 1 === cards.length) continue;
      this.#models = new Map([...before, ...now]);
      const had = new Set(states.map(idOf));
      yield [...states, ...[...before.values()].flatMap(({ state }) => (had.has(idOf(state)) ? [] : state))];
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

function stateOf({ model, info, batch, passedOver }: ModelInUse): ModelState {
  const [hasEmbedding, hasMemory] = [model.prepare !== undefined, model.tracker !== undefined];
  return { info, hasEmbedding, hasMemory, hasLearnedScore: model.hasLearnedScore, batch, passedOver };
}

async function cardsIn({ modelsFolder, installedFolder }: EngineOptions) {
  const found: { readonly folder: string; readonly read: CardFile }[] = [];
  for (const folder of [modelsFolder, installedFolder]) {
    if (folder === undefined || (folder === installedFolder && !existsSync(join(folder, 'cards')))) continue;
    for (const read of await readCards(join(folder, 'cards'))) found.push({ folder, read });
  }
  return found;
}
