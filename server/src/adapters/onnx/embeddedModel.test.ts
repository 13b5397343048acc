import { cp, mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boxOfRuns, dice, encodeRuns } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SIZE } from '../../demo/canvas.ts';
import { PHANTOM_LABELS } from '../../demo/labels.ts';
import { phantomSlice } from '../../demo/phantomSlice.ts';
import type { InferenceEngine, SliceImage } from '../../ports/inferenceEngine.ts';
import { openSmallEngine } from './fixtures/openSmallEngine.ts';

/** The models that come with the project. */
const MODELS = join(import.meta.dirname, '../../../../models');
/** Through the middle of liver, spleen and kidneys. */
const SLICE = 30;

describe('the embedded model', { timeout: 60_000 }, () => {
  const { hu, labels } = phantomSlice(SLICE);
  // Of a soft tissue window.
  const pixels = Uint8Array.from(hu, (value) => Math.max(0, Math.min(255, ((value + 160) / 400) * 255)));
  const image: SliceImage = { key: 'phantom', columns: SIZE, rows: SIZE, components: 1, pixels };
  let folder: string;
  let opened: InferenceEngine[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'medsam-embedded-'));
    for (const part of ['cards', 'weights']) await cp(join(MODELS, part), join(folder, part), { recursive: true });
    await truncate(join(folder, 'weights/embedded-box.int8.onnx'), 1000);
    opened = await Promise.all([
      openSmallEngine(MODELS),
      openSmallEngine(MODELS, { variant: 'fp32' }),
      openSmallEngine(folder),
      openSmallEngine(MODELS, { providers: ['cuda', 'cpu'] }),
    ]);
  });
  afterAll(async () => {
    await Promise.all(opened.map(async (engine) => engine.close()));
    await rm(folder, { recursive: true });
  });

  it('runs in 8 bits on a processor and in 32 on a GPU, if nothing else is said or amiss', () => {
    expect(opened.map((engine) => engine.models()[0]?.device)).toEqual(['CPU, int8', 'CPU', 'CPU', 'CPU, int8']);
    expect(opened.map((engine) => engine.health()[0]?.problem)).toMatchObject([
      undefined,
      undefined,
      /^embedded-box: int8: weights\/embedded-box\.int8\.onnx has 1000 bytes/,
      /^embedded-box: fp32: GPU \(CUDA\): /,
    ]);
  });

  it.each(['liver', 'spleen', 'kidneyLeft', 'aorta', 'vertebrae', 'stomach'] as const)(
    'draws the %s in 8 bits as well as in 32',
    async (name) => {
      const truth = encodeRuns(labels.map((label) => Number(label === PHANTOM_LABELS[name])));
      const ask = { modelId: 'embedded-box', image, priority: 'prompt', box: boxOfRuns(truth, SIZE)! } as const;
      const [int8, fp32] = await Promise.all(opened.slice(0, 2).map(async (engine) => engine.segment(ask)));
      expect(dice(int8!.runs, truth)).toBeGreaterThan(dice(fp32!.runs, truth) - 0.005);
      expect(Math.abs(int8!.score - fp32!.score)).toBeLessThan(0.05);
    },
  );
});
