import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Box } from '@ohif-medsam/protocol';
import { openOnnxEngine } from '@ohif-medsam/server/adapters/onnx/onnxEngine';
import { pino } from 'pino';
import { timed } from './measure.ts';
import { phantomImage } from './phantomImage.ts';
import { quantile, type Section } from './section.ts';

const MODELS = fileURLToPath(new URL('../../models', import.meta.url));
const MODEL = 'embedded-box';
const SLICE = 30;
const WARM_UP = 5;
const BOXES = 60;

/**
 * What the embedded model's variants take for a box on 512 x 512, crop and mask included: in turn, so that both meet the same
 * machine.
 */
export const embedded: Section = async () => {
  const image = phantomImage(SLICE);
  const [int8, fp32] = await Promise.all([open('int8'), open('fp32')]);
  const times = { int8: [] as number[], fp32: [] as number[] };
  const settled = (found: readonly number[]) => quantile(found.slice(WARM_UP), 0.5);
  try {
    for (let n = 0; n < WARM_UP + BOXES; n++) {
      const box: Box = [100, 150, 250 + (n % 30), 300];
      const ask = { modelId: MODEL, image, box, priority: 'prompt' } as const;
      times.int8.push(await timed(() => int8.segment(ask)));
      times.fp32.push(await timed(() => fp32.segment(ask)));
    }
  } finally {
    await Promise.all([int8.close(), fp32.close()]);
  }
  const [int8Ms, fp32Ms] = [settled(times.int8), settled(times.fp32)];
  return { int8Ms, fp32Ms, int8Ratio: fp32Ms / int8Ms };
};

const open = async (variant: 'int8' | 'fp32') =>
  openOnnxEngine({
    ...{ modelsFolder: MODELS, providers: ['cpu'], variant, threads: availableParallelism() },
    ...{ imageBytes: 64 * 1024 * 1024, queueLength: 10, runTimeoutMs: 60_000 },
    log: pino({ level: 'warn' }, pino.destination(2)),
  });
