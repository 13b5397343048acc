import { LRUCache } from 'lru-cache';
import type { EngineRequest, InferenceEngine, SliceImage } from '../../ports/inferenceEngine.ts';
import type { OnnxEngineOptions } from './engineOptions.ts';
import { openOnnxEngine } from './onnxEngine.ts';

/** Images of which it is known who has seen them. */
const IMAGES = 10_000;

/**
 * Several engine processes as one; on a machine with several GPUs, each has one. Threads, memory and room in the queue are shared
 * out among them.
 * @param count - At least 1.
 */
export async function openEnginePool(options: OnnxEngineOptions, count: number): Promise<InferenceEngine> {
  const share = (whole: number) => Math.max(1, Math.floor(whole / count));
  const { embeddingBytes } = options;
  const opened = Array.from({ length: count }, async (_, device) =>
    openOnnxEngine({
      ...options,
      device,
      threads: share(options.threads),
      imageBytes: share(options.imageBytes),
      ...(embeddingBytes !== undefined && { embeddingBytes: share(embeddingBytes) }),
      queueLength: share(options.queueLength),
    }),
  );
  const engines = await Promise.all(opened);
  const [only] = engines;
  return engines.length === 1 && only ? only : pool(engines);
}

function pool(engines: readonly InferenceEngine[]): InferenceEngine {
  /** By image: who was asked about it last, and holds what was computed of it. */
  const holders = new LRUCache<string, InferenceEngine>({ max: IMAGES });
  /** Requests that each is to answer. */
  const load = new Map(engines.map((engine) => [engine, 0]));
  const isReady = (engine: InferenceEngine) => engine.health().some(({ state }) => state === 'ready');
  const ready = () => {
    const those = engines.filter(isReady);
    return those.length > 0 ? those : engines;
  };
  const first = () => ready()[0] as InferenceEngine;
  /** Who reads the models again: one after the other, so that the others answer meanwhile. */
  let reading: InferenceEngine | undefined;
  let lastRead: Promise<void> = Promise.resolve();
  async function readInTurn(): Promise<void> {
    for (reading of engines) await reading.rereadModels();
    reading = undefined;
  }

  /** Who can answer for a model, soonest. */
  function ableFor(modelId: string): readonly InferenceEngine[] {
    const having = ready().filter((engine) => engine.models().some(({ id }) => id === modelId));
    const free = having.filter((engine) => engine !== reading);
    return [free, having].find(({ length }) => length > 0) ?? ready();
  }

  /**
   * Who has what is remembered of those `before` it, which is more than the image's embedding, or that; else who has least to do, and
   * of those who has the image.
   */
  function engineFor({ image, modelId }: EngineRequest, before: readonly SliceImage[]): InferenceEngine {
    const able = ableFor(modelId);
    const held = [...before, image].flatMap(({ key }) => holders.get(key) ?? []);
    const holder = held.find((engine) => able.includes(engine));
    const loadOf = (engine: InferenceEngine) => load.get(engine) ?? 0;
    const least = Math.min(...able.map(loadOf));
    if (holder && (holder.hasEmbedding(modelId) || loadOf(holder) === least)) return holder;
    return able.find((engine) => loadOf(engine) === least) ?? first();
  }

  async function asking<T>(
    request: EngineRequest,
    run: (engine: InferenceEngine) => Promise<T>,
    before: readonly SliceImage[] = [],
  ): Promise<T> {
    const engine = engineFor(request, before);
    holders.set(request.image.key, engine);
    const count = (more: number) => load.set(engine, (load.get(engine) ?? 0) + more);
    count(1);
    try {
      return await run(engine);
    } finally {
      count(-1);
    }
  }

  return {
    models: () => first().models(),
    model: (modelId) => first().model(modelId),
    get defaultModelId() {
      return first().defaultModelId;
    },
    hasEmbedding: (modelId) => first().hasEmbedding(modelId),
    prepare: async (request) => asking(request, async (engine) => engine.prepare(request)),
    hasLearnedScore: (modelId) => first().hasLearnedScore(modelId),
    hasMemory: (modelId) => first().hasMemory(modelId),
    track: async (request) => {
      const before = request.known.map(({ image }) => image).reverse();
      return asking(request, async (engine) => engine.track(request), before);
    },
    segment: async (request) => asking(request, async (engine) => engine.segment(request)),
    rereadModels: () => (lastRead = lastRead.then(readInTurn)),
    onModelsChanged: (listener) => engines.forEach((engine) => engine.onModelsChanged(listener)),
    health: () => engines.flatMap((engine) => engine.health()),
    close: async () => {
      await Promise.all(engines.map(async (engine) => engine.close()));
    },
  };
}
