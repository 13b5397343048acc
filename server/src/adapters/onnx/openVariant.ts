import { createHash } from 'node:crypto';
import type { ModelInfo } from '@ohif-medsam/protocol';
import type { ModelCard } from './card.ts';
import { completeVariants, type ByGraph, type FileFacts, type Provider, type Variant } from './cardParts.ts';
import { cropVariants } from './crop/cropCard.ts';
import { cropContract, loadCropModel } from './crop/loadCropModel.ts';
import { loadEmbeddingModel } from './embedding/loadEmbeddingModel.ts';
import type { EmbeddingCache, LoadContext } from './loadContext.ts';
import { ModelProblem, type LoadedModel } from './loadedModel.ts';
import { Graph, PROVIDER_NAMES, type GraphContract, type SessionPlace } from './session.ts';
import { loadTrackingModel } from './tracking/loadTrackingModel.ts';

/** The files of each variant that is complete, in the order of VARIANTS; at least one. */
export const variantsOf = (card: ModelCard): [Variant, ByGraph<FileFacts>][] =>
  card.family === 'crop' ? cropVariants(card) : completeVariants<string>(card);

export interface OpenModel {
  readonly model: LoadedModel;
  readonly release: () => Promise<void>;
}

/**
 * Loads one variant of a model on one execution provider, and runs its golden inputs.
 * @param verified - Full paths by graph.
 * @throws ModelProblem if graphs cannot be loaded, differ from the card or compute something else.
 */
export async function openVariant(
  card: ModelCard,
  variant: Variant,
  verified: ByGraph<string>,
  place: SessionPlace,
  embeddings: EmbeddingCache,
): Promise<OpenModel> {
  const opened: Graph[] = [];
  const open = async (name: string, contract: GraphContract) => {
    const graph = await Graph.open(verified[name] ?? '', contract, place);
    opened.push(graph);
    return graph;
  };
  const release = async () => {
    await Promise.all(opened.map(async (graph) => graph.release()));
  };
  try {
    return { model: await loadFamily(card, variant, { open, embeddings }), release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function loadFamily(card: ModelCard, variant: Variant, context: LoadContext): Promise<LoadedModel> {
  // Narrowed one by one: each family has golden values of graphs of its own.
  if (card.family === 'crop')
    return loadCropModel(await context.open('graph', cropContract(card)), card, required(card.golden[variant]));
  if (card.family === 'embedding') return loadEmbeddingModel(card, required(card.golden[variant]), context);
  return loadTrackingModel(card, required(card.golden[variant]), context);
}

function required<T>(golden: T | undefined): T {
  if (golden === undefined) throw new ModelProblem('The card has no golden values of this variant.');
  return golden;
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
  takesPoints: card.family !== 'tracking',
  licence: card.licence,
  ...(card.notice === undefined ? {} : { notice: card.notice }),
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
