import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Box } from '@ohif-medsam/protocol';
import { readCard } from '@ohif-medsam/server/adapters/onnx/card';
import { encoderGolden } from '@ohif-medsam/server/adapters/onnx/embedding/golden';
import { openOnnxEngine } from '@ohif-medsam/server/adapters/onnx/onnxEngine';
import { Graph } from '@ohif-medsam/server/adapters/onnx/session';
import { verifiedFiles } from '@ohif-medsam/server/adapters/onnx/verifiedFile';
import type { SliceImage } from '@ohif-medsam/server/ports/inferenceEngine';
import { pino } from 'pino';
import { peakMb, timed } from './measure.ts';
import { exportRandom } from './modelsPython.ts';
import { phantomImage } from './phantomImage.ts';
import { quantile, type Section } from './section.ts';

const MODEL = 'medsam-vit-b';
const VARIANT = 'int8';
/** A slice of the phantom in the middle of the body, and the next ones. The first one warms up. */
const FIRST = 30;
const SLICES = 5;
const LATER_BOXES = 8;

/**
 * What somebody waits for who draws a box with MedSAM (ViT-B, int8, random weights): the first on a slice, which needs its
 * embedding, beside the encoder alone with an input that lies ready; and the next ones on that slice. `MEDSAM_PYTHON` is a Python
 * with models/python/requirements.txt.
 */
export const published: Section = async () => {
  const { MEDSAM_PYTHON: python } = process.env;
  if (python === undefined) return { leftOut: 'MEDSAM_PYTHON does not say which Python exports the model' };
  const folder = await mkdtemp(join(tmpdir(), 'medsam-published-'));
  try {
    await exportRandom(python, MODEL, folder);
    return await measure(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
};

async function measure(folder: string) {
  const threads = availableParallelism();
  const engine = await openOnnxEngine({
    ...{ modelsFolder: folder, providers: ['cpu'], variant: VARIANT, threads },
    ...{ imageBytes: 64 * 1024 * 1024, queueLength: 10, runTimeoutMs: 600_000 },
    log: pino({ level: 'warn' }, pino.destination(2)),
  });
  const { encoder, size } = await openEncoder(folder, threads);
  const box = async (image: SliceImage, n: number) => {
    const [x, y] = [200 + n, 200 + 2 * n];
    const drawn: Box = [x, y, x + 60, y + 50];
    return timed(() => engine.segment({ modelId: MODEL, image, box: drawn, priority: 'prompt' }));
  };
  const [encoderMs, firstMs, laterMs]: [number[], number[], number[]] = [[], [], []];
  try {
    for (let n = 0; n < SLICES; n++) {
      const image = phantomImage(FIRST + n);
      encoderMs.push(await timed(() => encoder.run(encoderGolden(size))));
      firstMs.push(await box(image, 0));
      for (let k = 1; k <= LATER_BOXES; k++) laterMs.push(await box(image, k));
    }
    const [bare, first] = [encoderMs, firstMs].map((times) => quantile(times.slice(1), 0.5)) as [number, number];
    const later = laterMs.slice(LATER_BOXES);
    const [enginePeakMb = NaN] = await Promise.all(engine.health().flatMap(({ pid }) => (pid ? [peakMb(pid)] : [])));
    return {
      encoderMs: bare,
      firstBoxMs: first,
      firstBoxTimesEncoder: first / bare,
      firstBoxTimesEncoderLimit: 1.15,
      laterBoxMsP50: quantile(later, 0.5),
      laterBoxMsP95: quantile(later, 0.95),
      laterBoxMsLimit: 60,
      enginePeakMb,
    };
  } finally {
    await engine.close();
    await encoder.release();
  }
}

async function openEncoder(folder: string, threads: number) {
  const read = await readCard(join(folder, 'cards'), `${MODEL}.json`);
  if ('problem' in read) throw new Error(read.problem);
  const { card } = read;
  const file = card.family === 'embedding' ? card.files.encoder[VARIANT] : undefined;
  if (card.family !== 'embedding' || !file) throw new TypeError('no encoder');
  const { encoder: path = '' } = await verifiedFiles(folder, { encoder: file });
  const { size } = card.input;
  const { channels, grid } = card.embedding;
  const contract = {
    name: 'encoder',
    inputs: { image: ['n', 3, size, size] },
    outputs: { embedding: ['n', channels, grid, grid] },
  };
  return { encoder: await Graph.open(path, contract, { provider: 'cpu', device: 0, threads, batch: 1 }), size };
}
