import type { ModelInfo } from '@ohif-medsam/protocol';
import type { ModelCard } from './card.ts';
import { reasonOf, type ByGraph, type FileFacts, type Provider, type Variant } from './cardParts.ts';
import type { EmbeddingCache } from './loadContext.ts';
import type { LoadGuard } from './loadGuard.ts';
import { ModelProblem, type LoadedModel } from './loadedModel.ts';
import { infoOf, openVariant, variantsOf } from './openVariant.ts';
import { PROVIDER_NAMES } from './session.ts';
import { verifiedFiles } from './verifiedFile.ts';

/**
 * Where several in one run take less time than one by one: a GPU does, as was tried in PyTorch. TensorRT builds an engine for each size of a batch, for minutes.
 */
const BATCH: Readonly<Record<Provider, number>> = { tensorrt: 1, cuda: 8, webgpu: 1, cpu: 1 };

/**
 * Reading and checking a gigabyte of weights on a slow disk, and running them once; TensorRT builds what it runs first, and takes minutes
 * over each graph.
 */
const LIMIT_MS: Readonly<Record<Provider, number>> = {
  tensorrt: 1_800_000,
  cuda: 180_000,
  webgpu: 180_000,
  cpu: 180_000,
};

export interface LoadOptions {
  /** Tried in this order; the first that is there and computes right is used. */
  readonly providers: readonly Provider[];
  /** Which GPU, from 0. */
  readonly device: number;
  readonly threads: number;
  /** Most questions of one run; left out: what the provider gains from. */
  readonly batch?: number;
  /**
   * The wanted one, `auto` for what the card prefers; where a model lacks it or it cannot be used, the others in the order of
   * {@link VARIANTS}.
   */
  readonly variant: Variant | 'auto';
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
 * Loads a model in the wanted variant, with the first execution provider that can be had and computes the card's golden values;
 * where there is none, in another.
 * @param folder - Holds the files that the card names.
 * @throws ModelProblem if there is none, with every reason.
 */
export async function loadModel(
  folder: string,
  card: ModelCard,
  options: LoadOptions,
  embeddings: EmbeddingCache,
  guard: LoadGuard,
): Promise<ModelInUse> {
  const passedOver: string[] = [];
  const variants = new Map(variantsOf(card));
  const hasChoice = card.family !== 'crop' || variants.size > 1;
  const labelled = (variant: Variant, reason: string) => (hasChoice ? `${variant}: ${reason}` : reason);
  if (hasChoice && options.variant !== 'auto' && !variants.has(options.variant))
    passedOver.push(`${options.variant}: the card names no such files.`);
  /** Undefined where they are not what the card says. */
  const verified = new Map<Variant, ByGraph<string> | undefined>();
  const verify = async (variant: Variant, files: ByGraph<FileFacts>) => {
    try {
      verified.set(variant, await verifiedFiles(folder, files));
    } catch (error) {
      verified.set(variant, undefined);
      passedOver.push(labelled(variant, reasonOf(error)));
    }
  };
  for (const [variant, provider] of inOrder([...variants.keys()], options, card.preferred)) {
    const files = variants.get(variant)!;
    if (!verified.has(variant)) await verify(variant, files);
    const paths = verified.get(variant);
    if (!paths) continue;
    const info = infoOf(card, files, variant, provider);
    const key = [card.id, info.sha256, provider].join(' ');
    try {
      const refusal = guard.refusal(key);
      if (refusal !== undefined) throw new ModelProblem(refusal);
      await guard.announce({ key, what: `${card.title} (${info.device})`, limitMs: LIMIT_MS[provider] });
      const batch = options.batch ?? BATCH[provider];
      const place = { provider, device: options.device, threads: options.threads, batch };
      const { model, release } = await openVariant(card, variant, paths, place, embeddings);
      return { model, info, batch, passedOver, release };
    } catch (error) {
      passedOver.push(labelled(variant, `${PROVIDER_NAMES[provider]}: ${reasonOf(error)}`));
    }
  }
  throw new ModelProblem(passedOver.join(' '));
}

/** What is tried: on each provider the variant that is wanted there, then all others. */
function inOrder(
  variants: readonly Variant[],
  { variant, providers }: LoadOptions,
  preferred: ModelCard['preferred'] = {},
): (readonly [Variant, Provider])[] {
  const wantedOn = (provider: Provider) => (variant === 'auto' ? (preferred[provider] ?? 'fp32') : variant);
  const wanted = providers.map((provider) => [wantedOn(provider), provider] as const);
  const all = variants.flatMap((each) => providers.map((provider) => [each, provider] as const));
  return [
    ...wanted.filter(([each]) => variants.includes(each)),
    ...all.filter(([each, provider]) => each !== wantedOn(provider)),
  ];
}
