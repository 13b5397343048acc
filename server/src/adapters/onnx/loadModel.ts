import type { ModelInfo } from '@ohif-medsam/protocol';
import type { ModelCard } from './card.ts';
import { reasonOf, type Variant } from './cardParts.ts';
import type { EmbeddingCache } from './loadContext.ts';
import { ModelProblem, type LoadedModel } from './loadedModel.ts';
import { infoOf, openVariant, variantsOf } from './openVariant.ts';
import { PROVIDER_NAMES, type Provider } from './session.ts';
import { verifiedFiles } from './verifiedFile.ts';

/**
 * Where several in one run take less time than one by one: a GPU does, as was tried in PyTorch. TensorRT builds an engine for each size of a batch, for minutes.
 */
const BATCH: Readonly<Record<Provider, number>> = { tensorrt: 1, cuda: 8, webgpu: 1, cpu: 1 };

export interface LoadOptions {
  /** Tried in this order; the first that is there and computes right is used. */
  readonly providers: readonly Provider[];
  /** Which GPU, from 0. */
  readonly device: number;
  readonly threads: number;
  /** Most questions of one run; left out: what the provider gains from. */
  readonly batch?: number;
  /** The wanted one; where a model lacks it or it cannot be used, the others in the order of {@link VARIANTS}. */
  readonly variant: Variant;
}

export interface ModelInUse {
  readonly model: LoadedModel;
  readonly info: ModelInfo;
  /** Most questions of one run. */
  readonly batch: number;
  /** What was to be used before this and could not, with the reasons. */
  readonly passedOver: readonly string[];
  /** Frees its memory; nothing may run on it any more. */
  readonly release: () => Promise<void>;
}

/**
 * Loads a model in the first variant, and there with the first execution provider, that can be had and computes the card's
 * golden values.
 * @param folder - Holds the files that the card names.
 * @throws ModelProblem if there is none, with every reason.
 */
export async function loadModel(
  folder: string,
  card: ModelCard,
  options: LoadOptions,
  embeddings: EmbeddingCache,
): Promise<ModelInUse> {
  const passedOver: string[] = [];
  const variants = variantsOf(card);
  // Crop models come in one variant only; nothing is missing there.
  const hasChoice = card.family !== 'crop';
  if (hasChoice && !variants.some(([variant]) => variant === options.variant))
    passedOver.push(`${options.variant}: the card names no such files.`);
  for (const [variant, files] of wantedFirst(variants, options.variant)) {
    const label = hasChoice ? `${variant}: ` : '';
    try {
      const verified = await verifiedFiles(folder, files);
      for (const provider of options.providers) {
        try {
          const batch = options.batch ?? BATCH[provider];
          const place = { provider, device: options.device, threads: options.threads, batch };
          const { model, release } = await openVariant(card, variant, verified, place, embeddings);
          return { model, info: infoOf(card, files, variant, provider), batch, passedOver, release };
        } catch (error) {
          passedOver.push(`${label}${PROVIDER_NAMES[provider]}: ${reasonOf(error)}`);
        }
      }
    } catch (error) {
      passedOver.push(`${label}${reasonOf(error)}`);
    }
  }
  throw new ModelProblem(passedOver.join(' '));
}

const wantedFirst = <T>(variants: readonly [Variant, T][], wanted: Variant): [Variant, T][] => [
  ...variants.filter(([variant]) => variant === wanted),
  ...variants.filter(([variant]) => variant !== wanted),
];
