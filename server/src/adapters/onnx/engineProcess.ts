/**
 * The child process that owns the ONNX sessions. onnxruntime's `run()` blocks the event loop it is called on, and a
 * crash inside of it takes the process down: both happen here and not in the server.
 */
import { LRUCache } from 'lru-cache';
import type { SliceImage } from '../../ports/inferenceEngine.ts';
import { reasonOf } from './cardParts.ts';
import { checkCard } from './checkCard.ts';
import { ModelsInUse } from './modelsInUse.ts';
import type { Answered, EngineOptions, FromEngine, Prepare, Segment, ToEngine } from './wire.ts';

const models = new ModelsInUse();
let images = new LRUCache<string, SliceImage>({ max: 1 });
let embeddings = new LRUCache<string, readonly Float32Array[]>({ max: 1 });
let dropped: string[] = [];

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
  const states = await models.read(options, embeddings);
  return { kind: 'loaded', models: states, rssBytes: process.memoryUsage.rss() };
}

async function answer(question: Prepare | Segment): Promise<Answered> {
  const start = performance.now();
  dropped = [];
  const image = question.image ?? images.get(question.imageKey);
  if (question.image && !images.set(question.imageKey, question.image).has(question.imageKey))
    dropped.push(question.imageKey);
  try {
    const model = models.get(question.modelId);
    if (!model || !image) throw new Error(`no ${model ? 'image' : 'model'} under this name`);
    if (question.kind === 'prepare') {
      await model.prepare?.(image);
      return { kind: 'prepared', ...state() };
    }
    const { runs, score } = await model.segment(image, question.box, question.corrections);
    const inferenceMs = performance.now() - start;
    return { kind: 'segmented', runs: Uint32Array.from(runs), score, inferenceMs, ...state() };
  } catch (error) {
    return { kind: 'failed', reason: reasonOf(error), ...state() };
  }
}

const state = () => ({ dropped, rssBytes: process.memoryUsage.rss() });

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
