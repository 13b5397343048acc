import { cp, mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeRuns, type Box } from '@ohif-medsam/protocol';
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
    ]);
  });
  afterAll(async () => {
    await Promise.all(opened.map(async (engine) => engine.close()));
    await rm(folder, { recursive: true });
  });

  it('runs in 8 bits on a processor, if nothing else is said or amiss', () => {
    expect(opened.map((engine) => engine.models()[0]?.device)).toEqual(['CPU, int8', 'CPU', 'CPU']);
    expect(opened.map((engine) => engine.health()[0]?.problem)).toMatchObject([
      undefined,
      undefined,
      /^embedded-box: int8: weights\/embedded-box\.int8\.onnx has 1000 bytes/,
    ]);
  });

  it.each(['liver', 'spleen', 'kidneyLeft', 'aorta', 'vertebrae', 'stomach'] as const)(
    'draws the %s in 8 bits as well as in 32',
    async (name) => {
      const box = boxAround(labels, PHANTOM_LABELS[name]);
      const ask = { modelId: 'embedded-box', image, priority: 'prompt', box } as const;
      const [int8, fp32] = await Promise.all(opened.slice(0, 2).map(async (engine) => engine.segment(ask)));
      const truth = labels.map((label) => Number(label === PHANTOM_LABELS[name]));
      const [found, exact] = [int8!, fp32!].map(({ runs }) => dice(decodeRuns(runs, SIZE * SIZE), truth));
      expect(found).toBeGreaterThan(exact! - 0.005);
      expect(Math.abs(int8!.score - fp32!.score)).toBeLessThan(0.05);
    },
  );
});

function boxAround(labels: Uint8Array, label: number): Box {
  const inside = Array.from(labels.keys()).filter((at) => labels[at] === label);
  const [columns, rows] = [inside.map((at) => at % SIZE), inside.map((at) => Math.floor(at / SIZE))];
  return [Math.min(...columns), Math.min(...rows), Math.max(...columns), Math.max(...rows)];
}

function dice(a: Uint8Array, b: Uint8Array): number {
  const sum = (mask: Uint8Array) => mask.reduce((n, inside) => n + inside, 0);
  return (2 * sum(a.map((inside, at) => inside & b[at]!))) / (sum(a) + sum(b));
}
