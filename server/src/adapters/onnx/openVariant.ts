import { createHash } from 'node:crypto';
import type { ModelInfo } from '@ohif-medsam/protocol';
import type { ModelCard } from './card.ts';
import type { ByGraph, FileFacts, Variant } from './cardParts.ts';
import { cropContract, loadCropModel } from './crop/loadCropModel.ts';
import type { LoadedModel } from './loadedModel.ts';
import { Graph, PROVIDER_NAMES, type GraphContract, type Provider, type SessionPlace } from './session.ts';

/** The files of each variant that has all graphs. */
export function variantsOf(card: ModelCard): [Variant, ByGraph<FileFacts>][] {
  return [['fp32', { graph: card.files.fp32 }]];
}

export interface OpenModel {
  readonly model: LoadedModel;
  readonly release: () => Promise<void>;
}

/**
 * Loads one variant of a model on one execution provider, and runs its golden inputs.
 * @param weights - Verified.
 * @throws ModelProblem if graphs differ from the card or compute something else; onnxruntime's own errors.
 */
export async function openVariant(
  card: ModelCard,
  weights: ByGraph<Uint8Array>,
  place: SessionPlace,
): Promise<OpenModel> {
  const opened: Graph[] = [];
  const open = async (name: string, contract: GraphContract) => {
    const graph = await Graph.open(weights[name] ?? new Uint8Array(), contract, place);
    opened.push(graph);
    return graph;
  };
  const release = async () => {
    await Promise.all(opened.map(async (graph) => graph.release()));
  };
  try {
    return { model: await loadCropModel(await open('graph', cropContract(card)), card), release };
  } catch (error) {
    await release();
    throw error;
  }
}

export const infoOf = (
  card: ModelCard,
  files: ByGraph<FileFacts>,
  variant: Variant,
  provider: Provider,
): ModelInfo => ({
  id: card.id,
  title: card.title,
  version: card.version,
  device: PROVIDER_NAMES[provider] + (variant === 'fp32' ? '' : `, ${variant}`),
  sha256: hashOf(files),
  licence: card.licence,
});

/** SHA-256 of the one file; of several, that of their hashes (hex) one after another in the order of their graphs' names. */
function hashOf(files: ByGraph<FileFacts>): string {
  const hashes = Object.entries(files)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { sha256 }]) => sha256);
  const [only] = hashes;
  if (only !== undefined && hashes.length === 1) return only;
  return createHash('sha256').update(hashes.join('')).digest('hex');
}
