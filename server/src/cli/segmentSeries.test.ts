import { AppError, type ModelInfo } from '@ohif-medsam/protocol';
import { expect, it } from 'vitest';
import type { InferenceEngine } from '../ports/inferenceEngine.ts';
import { imagesAround, joinSeries } from '../series/openSeries.ts';
import { segmentSeries } from './segmentSeries.ts';

const SIZE = 32;
const frames = [0, 1, 2].map((z) => ({
  ...{ sopInstanceUid: `1.2.${String(z + 1)}`, sopClassUid: '1.2.3', frameNumber: 1, rows: SIZE, columns: SIZE },
  position: [0, 0, z] as const,
  orientation: [1, 0, 0, 0, 1, 0] as const,
}));
const whole = joinSeries(undefined, { studyUid: '1.2', seriesUid: '1.3', modality: 'CT', frames });
const series = imagesAround(whole, undefined);

/** Finds a square on the first image, and dies of the next. */
function mortalEngine(): InferenceEngine {
  const model = { id: 'box', title: 'Box', version: '1', sha256: 'a'.repeat(64) } as ModelInfo;
  let alive = true;
  return {
    models: () => [model],
    model: () => model,
    defaultModelId: 'box',
    hasEmbedding: () => false,
    hasLearnedScore: () => true,
    hasMemory: () => false,
    track: () => Promise.reject(new AppError('engine-failed')),
    prepare: () => Promise.resolve(0),
    segment: () => {
      if (!alive) return Promise.reject(new AppError('engine-failed', 'It ran out of memory.'));
      alive = false;
      return Promise.resolve({ runs: [10 * SIZE + 10, 8, 11 * SIZE + 10, 8], score: 1, inferenceMs: 1, queuedMs: 0 });
    },
    rereadModels: () => Promise.resolve(),
    onModelsChanged: () => undefined,
    health: () => [],
    close: () => Promise.resolve(),
  };
}

it('ends with the cause when a direction of the propagation failed, rather than with half an object', async () => {
  const slice = (frame: string) =>
    Promise.resolve({
      ...{ seriesUid: '1.3', plane: { axis: 'k', frame } as const, hash: 'b'.repeat(64) },
      ...{ rows: SIZE, columns: SIZE, components: 1 as const, slope: 1, intercept: 0, invert: false },
      pixels: Int16Array.from({ length: SIZE * SIZE }, (_, n) => n % 100),
    });
  const task = { frame: '1.2.2/1', box: [8, 8, 20, 13], propagate: true, modelId: 'box' } as const;
  await expect(segmentSeries({ series, headers: [], slice }, mortalEngine(), task)).rejects.toMatchObject({
    code: 'engine-failed',
    detail: 'It ran out of memory.',
  });
});
