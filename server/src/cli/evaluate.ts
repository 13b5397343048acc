/**
 * Judges a model on images with ground truth, beside what the box alone gives:
 * `npm run evaluate -- --data DIR [--model ID] [--models DIR] [--limit N] [--out report.json]`
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AppError } from '@ohif-medsam/protocol';
import { pino } from 'pino';
import { readItem, readManifest } from '../adapters/dataset/readDataset.ts';
import { openOnnxEngine } from '../adapters/onnx/onnxEngine.ts';
import { evaluateObject, type ObjectScore } from '../evaluate/evaluateModel.ts';
import { reportOf, tableOf } from '../evaluate/report.ts';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    model: { type: 'string', default: 'embedded-box' },
    models: { type: 'string', default: fileURLToPath(new URL('../../../models', import.meta.url)) },
    /** Most objects of a set. */
    limit: { type: 'string', default: 'Infinity' },
    out: { type: 'string' },
  },
});

try {
  await evaluate();
} catch (error) {
  process.exitCode = 1;
  if (!(error instanceof AppError)) throw error;
  console.error(error.message);
}

async function evaluate(): Promise<void> {
  const { data, limit } = options;
  const most = Number(limit);
  if (data === undefined) throw new AppError('input-invalid', 'Say where the images are: --data DIR');
  if (!(most >= 1)) throw new AppError('input-invalid', `--limit must be a number from 1 on, got "${limit}".`);
  const items = await readManifest(data);
  const engine = await openOnnxEngine({
    modelsFolder: options.models,
    defaultModelId: options.model,
    providers: ['cpu'],
    threads: availableParallelism(),
    imageBytes: 64 * 1024 * 1024,
    queueLength: 1,
    runTimeoutMs: 60_000,
    log: pino({ level: 'warn' }, pino.destination(2)),
  });
  try {
    const scores: ObjectScore[] = [];
    const left = new Map<string, number>();
    for (const item of items) {
      const some = left.get(item.set) ?? most;
      if (some <= 0) continue;
      const image = await readItem(data, item);
      left.set(item.set, some - image.objects.length);
      for (const object of image.objects.slice(0, some))
        scores.push(await evaluateObject(engine, options.model, image, object));
    }
    const model = engine.models().find(({ id }) => id === options.model);
    if (!model) throw new AppError('model-unknown', options.model);
    const report = reportOf(model, scores);
    if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(report, null, 2)}\n`);
    console.log(tableOf(report));
  } finally {
    await engine.close();
  }
}
