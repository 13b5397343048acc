/**
 * The child process that owns the ONNX sessions. onnxruntime's `run()` blocks the event loop it is called on, and a
 * crash inside of it takes the process down: both happen here and not in the server.
 */
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { SliceImage } from '../../ports/inferenceEngine.ts';
import { readCards } from './card.ts';
import { loadModel, type LoadedModel } from './model.ts';
import type { EngineOptions, FromEngine, ModelState, ToEngine } from './wire.ts';

const models = new Map<string, LoadedModel>();
let images = new LRUCache<string, SliceImage>({ max: 1 });
let dropped: string[] = [];

async function load(options: EngineOptions): Promise<FromEngine> {
  images = new LRUCache({
    maxSize: options.imageBytes,
    sizeCalculation: (image) => image.pixels.byteLength,
    dispose: (_, key) => dropped.push(key),
  });
  const states: ModelState[] = [];
  for (const read of await readCards(join(options.modelsFolder, 'cards'))) {
    const id = 'card' in read ? read.card.id : read.file.replace(/\.json$/, '');
    try {
      if ('problem' in read) throw new Error(read.problem);
      if (models.has(id)) throw new Error(`A second card names the model ${id}.`);
      const model = await loadModel(options.modelsFolder, read.card, options);
      models.set(id, model);
      states.push({ info: model.info, passedOver: model.passedOver });
    } catch (error) {
      states.push({ id, problem: reasonOf(error) });
    }
  }
  return { kind: 'loaded', models: states, rssBytes: process.memoryUsage.rss() };
}

async function segment(request: Extract<ToEngine, { kind: 'segment' }>): Promise<FromEngine> {
  const start = performance.now();
  dropped = [];
  const image = request.image ?? images.get(request.imageKey);
  if (request.image && !images.set(request.imageKey, request.image).has(request.imageKey))
    dropped.push(request.imageKey);
  try {
    const model = models.get(request.modelId);
    if (!model || !image) throw new Error(`no ${model ? 'image' : 'model'} under this name`);
    const { runs, score } = await model.segment(image, request.box);
    const inferenceMs = performance.now() - start;
    return { kind: 'segmented', runs: Uint32Array.from(runs), score, inferenceMs, ...state() };
  } catch (error) {
    return { kind: 'failed', reason: reasonOf(error), ...state() };
  }
}

const state = () => ({ dropped, rssBytes: process.memoryUsage.rss() });
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

process.on('message', (message: ToEngine) => {
  const answer = message.kind === 'load' ? load(message.options) : segment(message);
  void answer.then((value) => process.send?.(value));
});
// Without a server there is nobody to work for.
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group; it is the server that ends this process.
process.on('SIGINT', () => undefined);
