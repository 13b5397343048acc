import type { Graph, GraphContract } from './session.ts';

/** What a family needs to load a model. */
export interface LoadContext {
  /** Opens the graph of this name on the execution provider that is being tried. */
  readonly open: (graph: string, contract: GraphContract) => Promise<Graph>;
  readonly embeddings: EmbeddingCache;
}

/** What encoders computed, by model and image; bounded in bytes, so that anything may be gone the next time. */
export interface EmbeddingCache {
  get(key: string): readonly Float32Array[] | undefined;
  set(key: string, tensors: readonly Float32Array[]): void;
}
