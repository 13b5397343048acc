/**
 * The child process that owns the ONNX sessions. onnxruntime's `run()` blocks the event loop it is called on, and a
 * crash inside of it takes the process down: both happen here and not in the server.
 */
import { LRUCache } from 'lru-cache';
import type { SliceImage } from '../../ports/inferenceEngine.ts';
import { reasonOf } from './cardParts.ts';
import { checkCard } from './checkCard.ts';
import type { EmbeddingCache } from './loadContext.ts';
import type { LoadedModel, Segmented } from './loadedModel.ts';
import { ModelsInUse } from './modelsInUse.ts';
import type { LoadGuard } from './loadGuard.ts';
import type { Answer, Answered, Ask, EngineOptions, FromEngine, Loaded, Loading, Question, ToEngine } from './wire.ts';

const models = new ModelsInUse();
/** Of the cards, as far as it has come. */
let reading: ReturnType<typeof models.read> | undefined;
let images = new LRUCache<string, SliceImage>({ max: 1 });
let embeddings = new LRUCache<string, readonly Float32Array[]>({ max: 1 });
let dropped: string[] = [];
/** Of questions about embeddings. */
const asked = { hits: 0, misses: 0 };

async function load(options: EngineOptions): Promise<Loaded> {
  images = new LRUCache({
    maxSize: options.imageBytes,
    sizeCalculation: (image) => image.pixels.byteLength,
    dispose: (_, key) => dropped.push(key),
  });
  embeddings = new LRUCache({
    maxSize: options.embeddingBytes,
    sizeCalculation: (tensors) => tensors.reduce((sum, { byteLength }) => sum + byteLength, 0),
  });
  for (;;) {
    const loaded = await reload(options);
    if (!loaded.more) return loaded;
  }
}

async function reload(options: EngineOptions): Promise<Loaded> {
  reading ??= models.read(options, counted, guardOf(options));
  const { value, done } = await reading.next();
  if (done) reading = undefined;
  return { kind: 'loaded', models: value, more: !done, rssBytes: process.memoryUsage.rss() };
}

/** What is announced has left this process, which may be about to end, before it is tried. */
const guardOf = ({ deadly }: EngineOptions): LoadGuard => ({
  refusal: (key) => deadly[key],
  announce: async (attempt) =>
    new Promise((resolve) => {
      const loading: Loading = { kind: 'loading', attempt };
      if (process.send) process.send(loading, undefined, undefined, () => resolve());
      else resolve();
    }),
});

async function answerAll({ modelId, questions, images: sent }: Ask): Promise<Answered> {
  dropped = [];
  const find = (key: string) => sent.find((image) => image.key === key) ?? images.get(key);
  // What came along is there for these questions, even if it is larger than all that may be kept; and what is kept of it may push
  // out what another of them is about.
  const about = questions.map((question) => ({
    image: find(question.imageKey),
    other: question.kind === 'segment' && question.beside ? find(question.beside.imageKey) : undefined,
  }));
  for (const each of sent) if (!images.set(each.key, each).has(each.key)) dropped.push(each.key);
  const model = models.get(modelId);
  const answers = await Promise.all(
    questions.map(async (question, n) => {
      const { image, other } = about[n]!;
      try {
        if (!model || !image) throw new Error(`no ${model ? 'image' : 'model'} under this name`);
        return await answer(model, question, image, other, find);
      } catch (error) {
        return { kind: 'failed', reason: reasonOf(error) } as const;
      }
    }),
  );
  const prepared = { bytes: embeddings.calculatedSize, ...asked };
  return { kind: 'answered', answers, dropped, rssBytes: process.memoryUsage.rss(), prepared };
}

/** @param other - The image beside. */
async function answer(
  model: LoadedModel,
  question: Question,
  image: SliceImage,
  other: SliceImage | undefined,
  find: (key: string) => SliceImage | undefined,
): Promise<Answer> {
  const start = performance.now();
  if (question.kind === 'prepare') {
    await model.prepare?.(image);
    return { kind: 'prepared', inferenceMs: performance.now() - start };
  }
  if (question.kind === 'track') {
    const { tracker } = model;
    if (!tracker) throw new Error('this model remembers nothing');
    const known = question.known.map((each) => ({ ...each, image: find(each.imageKey) }));
    const lacking = known.filter((each) => !each.image && tracker.needsImage(each));
    if (lacking.length > 0) return { kind: 'lacking', imageKeys: lacking.map(({ imageKey }) => imageKey) };
    return segmented(await tracker.track(image, known, question.planes), start);
  }
  const { box, corrections, beside } = question;
  if (beside && !other) throw new Error('no image under this name');
  const found = await model.segment(image, {
    box,
    ...(corrections && { corrections }),
    ...(beside && other && { beside: { image: other, mask: beside.mask } }),
  });
  return segmented(found, start);
}

const segmented = ({ runs, score }: Segmented, start: number): Answer => ({
  kind: 'segmented',
  runs: Uint32Array.from(runs),
  score,
  inferenceMs: performance.now() - start,
});

/** The embeddings, which may be others by now, with a count of how often one was there. */
const counted: EmbeddingCache = {
  get(key) {
    const found = embeddings.get(key);
    asked[found ? 'hits' : 'misses']++;
    return found;
  },
  set: (key, tensors) => void embeddings.set(key, tensors),
};

async function answerTo(message: ToEngine): Promise<FromEngine> {
  if (message.kind === 'load') return load(message.options);
  if (message.kind === 'reload') return reload(message.options);
  if (message.kind === 'check') return { kind: 'checked', outcome: await checkCard(message) };
  return answerAll(message);
}

process.on('message', (message: ToEngine) => {
  void answerTo(message).then((value) => process.send?.(value));
});
// Without a server there is nobody to work for.
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group; it is the server that ends this process.
process.on('SIGINT', () => undefined);
