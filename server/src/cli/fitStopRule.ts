/**
 * Fits the limits by which a propagation stops (propagate/stopRule.ts, STOP) to volumes with ground truth:
 * `npm run fit-stop-rule -- --data TRAINING_DATA [--model ID] [--models DIR]`
 * Of the training volumes only those are used that the embedded model is not trained on; beside them, the demo's phantom. Prints the
 * limits, and what each object's walk makes of limits that were fitted without its volume.
 */
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { readManifest } from '../adapters/dataset/readDataset.ts';
import { listVolumes, readVolume } from '../adapters/dataset/readVolumes.ts';
import { memorySliceStore } from '../adapters/memory/sliceStore.ts';
import { openOnnxEngine } from '../adapters/onnx/onnxEngine.ts';
import { phantomVolume } from '../demo/phantomVolume.ts';
import { inFlight } from '../evaluate/inFlight.ts';
import { crossValidated, fitStopRule, mean, meanDice, outcomeOf } from '../evaluate/volume/fitStopRule.ts';
import { recordWalk } from '../evaluate/volume/recordWalk.ts';
import { objectsOf } from '../evaluate/volume/volume.ts';
import { STOP } from '../propagate/index.ts';
import { modelFoldersOf, readSettings } from '../settings.ts';
import { IN_FLIGHT } from './evaluateFolder.ts';
import { progressOf } from './progress.ts';
import { textTable } from './textTable.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** As `held_out` of models/python/medsam_models/corpus.py: these patients' volumes are never trained on. */
const HELD_OUT_SHARE = 0.05;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    model: { type: 'string', default: 'embedded-box' },
    models: { type: 'string' },
  },
});
if (values.data === undefined) {
  console.error('Say where the training data are: --data DIR');
  process.exit(1);
}
const folder = values.data;
const folders = modelFoldersOf(readSettings(process.env, ROOT), ROOT);
const engine = await openOnnxEngine({
  ...(values.models === undefined
    ? { modelsFolder: folders.embedded, installedFolder: folders.installed }
    : { modelsFolder: values.models }),
  defaultModelId: values.model,
  providers: ['cpu'],
  threads: availableParallelism(),
  imageBytes: 64 * 1024 * 1024,
  queueLength: 4 * IN_FLIGHT,
  runTimeoutMs: 60_000,
  log: pino({ level: 'warn' }, pino.destination(2)),
});
try {
  const slices = memorySliceStore(256 * 1024 * 1024);
  const ports = { engine, slices, modelId: values.model, signal: new AbortController().signal };
  const listed = (await listVolumes(folder, await readManifest(folder))).filter(({ path }) => isHeldOut(path));
  const done = progressOf('volumes', listed.length + 1);
  async function* objects() {
    for (const item of [...listed, undefined]) {
      const volume = item ? await readVolume(folder, item) : phantomVolume();
      for (const object of objectsOf(volume)) yield { volume, object };
      done();
    }
  }
  const walks = await inFlight(objects(), IN_FLIGHT, async ({ volume, object }) => recordWalk(ports, volume, object));
  const outcomes = crossValidated(walks);
  const rows = [...new Set(walks.map(({ set }) => set))].map((set) => {
    const own = outcomes.filter(({ walk }) => walk.set === set);
    const now = own.map(({ walk }) => outcomeOf(walk, STOP));
    const numbers = [mean(own.map(({ dice }) => dice)), mean(own.map(({ leaked }) => leaked))];
    return [
      set,
      String(own.length),
      ...numbers.map(shown),
      ...[mean(now.map((o) => o.dice)), mean(now.map((o) => o.leaked))].map(shown),
    ];
  });
  console.log(
    textTable(
      ['set', 'objects', '3D Dice, fitted without its volume', 'leaked slices', '3D Dice now', 'leaked slices'],
      rows,
    ),
  );
  const limits = fitStopRule(walks);
  console.log(JSON.stringify({ limits, dice: Number(shown(meanDice(walks, limits))) }));
} finally {
  await engine.close();
}

function isHeldOut(path: string): boolean {
  const group = basename(path).replace(/\.nii(\.gz)?$/, '');
  const hash = Number.parseInt(createHash('sha256').update(group).digest('hex').slice(0, 8), 16);
  return hash < HELD_OUT_SHARE * 2 ** 32;
}

function shown(value: number): string {
  return value.toFixed(3);
}
