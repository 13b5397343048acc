/**
 * The child process that owns the ONNX sessions. onnxruntime's `run()` blocks the event loop it is called on, and a
 * crash inside of it takes the process down: both happen here and not in the server.
 */
import { LRUCache } from 'lru-cache';
import type { SliceImage } from '../../ports/inferenceEngine.ts';
import { reasonOf } from './cardParts.ts';
import { checkCard } from './checkCard.ts';
import type { EmbeddingCache } from './loadContext.ts';
import type { Segmented } from './loadedModel.ts';
import { ModelsInUse } from './modelsInUse.ts';
import type { Answered, EngineOptions, FromEngine, Prepare, Segment, ToEngine, Track } from './wire.ts';

const models = new ModelsInUse();
let images = new LRUCache<string, SliceImage>({ max: 1 });
let embeddings = new LRUCache<string, readonly Float32Array[]>({ max: 1 });
let dropped: string[] = [];
/** Of questions about embeddings. */
const asked = { hits: 0, misses: 0 };

async function load(options: EngineOptions): Promise<FromEngine> {
  images = new LRUCache({
    maxSize: options.imageBytes,
    sizeCalculation: (image) => image.pixels.byteLength,
    dispose: (_, key) => dropped.push(key),
  });
  embeddings = new LRUCache({
    maxSize: options.embeddingBytes,
    sizeCalculation: (tensors) => tensors.reduce((sum, { byteLength }) => sum + byteLength, 0),
  });
  return reload(options);
}

async function reload(options: EngineOptions): Promise<FromEngine> {
  const states = await models.read(options, counted);
  return { kind: 'loaded', models: states, rssBytes: process.memoryUsage.rss() };
}

async function answer(question: Prepare | Segment | Track): Promise<Answered> {
  const start = performance.now();
  dropped = [];
  // What came along is there for this question, even if it is larger than all that may be kept.
  const image = imageOf(question, question.imageKey);
  const beside = question.kind === 'segment' && question.beside;
  const other = beside && imageOf(question, beside.imageKey);
  for (const each of question.images) if (!images.set(each.key, each).has(each.key)) dropped.push(each.key);
  try {
    const model = models.get(question.modelId);
    if (!model || !image || (beside && !other)) throw new Error(`no ${model ? 'image' : 'model'} under this name`);
    if (question.kind === 'prepare') {
      await model.prepare?.(image);
      return { kind: 'prepared', inferenceMs: performance.now() - start, ...state() };
    }
    if (question.kind === 'track') {
      const { tracker } = model;
      if (!tracker) throw new Error('this model remembers nothing');
      const known = question.known.map((each) => ({ ...each, image: imageOf(question, each.imageKey) }));
      const lacking = known.filter((each) => !each.image && tracker.needsImage(each));
      if (lacking.length > 0)
        return { kind: 'lacking', imageKeys: lacking.map(({ imageKey }) => imageKey), ...state() };
      return segmented(await tracker.track(image, known, question.planes), start);
    }
    const { box, corrections } = question;
    const found = await model.segment(image, {
      box,
      ...(corrections && { corrections }),
      ...(beside && other && { beside: { image: other, mask: beside.mask } }),
    });
    return segmented(found, start);
  } catch (error) {
    return { kind: 'failed', reason: reasonOf(error), ...state() };
  }
}

const segmented = ({ runs, score }: Segmented, start: number): Answered => ({
  kind: 'segmented',
  runs: Uint32Array.from(runs),
  score,
  inferenceMs: performance.now() - start,
  ...state(),
});

const imageOf = ({ images: sent }: Prepare | Segment | Track, key: string) =>
  sent.find((image) => image.key === key) ?? images.get(key);

/** The embeddings, which may be others by now, with a count of how often one was there. */
const counted: EmbeddingCache = {
  get(key) {
    const found = embeddings.get(key);
    asked[found ? 'hits' : 'misses']++;
    return found;
  },
  set: (key, tensors) => void embeddings.set(key, tensors),
};

const state = () => ({
  dropped,
  rssBytes: process.memoryUsage.rss(),
  prepared: { bytes: embeddings.calculatedSize, ...asked },
});

async function answerTo(message: ToEngine): Promise<FromEngine> {
  if (message.kind === 'load') return load(message.options);
  if (message.kind === 'reload') return reload(message.options);
  if (message.kind === 'check') return { kind: 'checked', outcome: await checkCard(message) };
  return answer(message);
}

process.on('message', (message: ToEngine) => {
  void answerTo(message).then((value) => process.send?.(value));
});
// Without a server there is nobody to work for.
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group; it is the server that ends this process.
process.on('SIGINT', () => undefined);
