/**
 * Fits the limits by which a propagation stops (propagate/stopRule.ts, STOP) to volumes with ground truth:
 * `npm run fit-stop-rule -- --data TRAINING_DATA [--model ID] [--models DIR]`
 * Of the training volumes only those are used that the embedded model is not trained on; beside them, the demo's phantom. Prints
 * what each set's walks make of limits that were fitted without their own volume, and of the present ones; how many masks of low
 * certainty are poor; last, the limits.
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AppError } from '@ohif-medsam/protocol';
import { readManifest } from '../adapters/dataset/readDataset.ts';
import { listVolumes, readVolume } from '../adapters/dataset/readVolumes.ts';
import { memorySliceStore } from '../adapters/memory/sliceStore.ts';
import { phantomVolume } from '../demo/phantomVolume.ts';
import { inFlight } from '../evaluate/inFlight.ts';
import {
  crossValidated,
  fitStopRule,
  mean,
  outcomeOf,
  poorByCertainty,
  worth,
  type Outcome,
} from '../evaluate/volume/fitStopRule.ts';
import { recordWalk, type WalkRecord } from '../evaluate/volume/recordWalk.ts';
import { objectsOf } from '../evaluate/volume/volume.ts';
import { STOP } from '../propagate/index.ts';
import { IN_FLIGHT } from './evaluateFolder.ts';
import { openJudgedEngine } from './judgedEngine.ts';
import { progressOf } from './progress.ts';
import { textTable } from './textTable.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** As `held_out` of models/python/medsam_models/corpus.py: these patients' volumes are never trained on. */
const HELD_OUT_SHARE = 0.05;
const SLICE_STORE_BYTES = 256 * 1024 * 1024;

try {
  const { data, model, models } = readOptions();
  const walks = await recordWalks(data, model, models);
  console.log(tableOf(walks));
  console.log(certaintyTable(walks));
  const limits = fitStopRule(walks);
  console.log(JSON.stringify({ limits, worth: Number(worth(walks, limits).toFixed(3)) }));
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  process.exitCode = 1;
  console.error(error.message);
}

function readOptions() {
  try {
    const { data, ...options } = parseArgs({
      options: {
        data: { type: 'string' },
        model: { type: 'string', default: 'embedded-box' },
        /** A models folder; the project's models and the installed ones by default. */
        models: { type: 'string' },
      },
    }).values;
    if (data === undefined) throw new AppError('input-invalid', 'Say where the training data are: --data DIR');
    return { ...options, data };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('input-invalid', cause instanceof Error ? cause.message : undefined, { cause });
  }
}

async function recordWalks(folder: string, modelId: string, models: string | undefined): Promise<WalkRecord[]> {
  const listed = (await listVolumes(folder, await readManifest(folder))).filter(({ path }) => isHeldOut(path));
  const done = progressOf('volumes', listed.length + 1);
  async function* objects() {
    for (const item of [...listed, undefined]) {
      const volume = item ? await readVolume(folder, item) : phantomVolume();
      for (const object of objectsOf(volume)) yield { volume, object };
      done();
    }
  }
  const engine = await openJudgedEngine(modelId, models, ROOT);
  const slices = memorySliceStore(SLICE_STORE_BYTES);
  const ports = { engine, slices, modelId, signal: new AbortController().signal };
  try {
    return await inFlight(objects(), IN_FLIGHT, async ({ volume, object }) => recordWalk(ports, volume, object));
  } finally {
    await engine.close();
  }
}

function isHeldOut(path: string): boolean {
  const group = basename(path).replace(/\.nii(\.gz)?$/, '');
  const hash = Number.parseInt(createHash('sha256').update(group).digest('hex').slice(0, 8), 16);
  return hash < HELD_OUT_SHARE * 2 ** 32;
}

/** By which certainty masks are told apart that need a look (extension/src/session/sliceStrip.ts). */
function certaintyTable(walks: readonly WalkRecord[]): string {
  const rows = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8].map((certainty) => {
    const { share, below, others } = poorByCertainty(walks, STOP, certainty);
    return [certainty, share, below, others].map((value) => value.toFixed(2));
  });
  return textTable(['certainty', 'slices below it', 'of them, Dice under 0.70', 'of the others'], rows);
}

function tableOf(walks: readonly WalkRecord[]): string {
  const outcomes = crossValidated(walks);
  const numbers = (some: readonly Outcome[]) =>
    [mean(some.map(({ dice }) => dice)), mean(some.map(({ leaked }) => leaked))].map((value) => value.toFixed(3));
  const rows = [...new Set(walks.map(({ set }) => set))].map((set) => {
    const own = outcomes.filter(({ walk }) => walk.set === set);
    const now = own.map(({ walk }) => outcomeOf(walk, STOP));
    return [set, String(own.length), ...numbers(own), ...numbers(now)];
  });
  const fitted = ['3D Dice, fitted without its volume', 'leaked slices'];
  return textTable(['set', 'objects', ...fitted, '3D Dice now', 'leaked slices'], rows);
}
