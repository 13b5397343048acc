import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { boxOfRuns, encodeRuns, type Box } from '@ohif-medsam/protocol';
import { PHANTOM_LABELS } from '@ohif-medsam/server/demo/labels';
import { phantomVolume } from '@ohif-medsam/server/demo/phantomVolume';
import { planesOf, sliceOf, type TruthVolume } from '@ohif-medsam/server/evaluate/volume/volume';
import { sameWindow, windowSlice } from '@ohif-medsam/server/segment/index';
import type { Carried, CarryTask } from './carryVolume.child.ts';
import { exportRandom, modelsPython } from './modelsPython.ts';
import type { Section } from './section.ts';

const MODEL = 'litemedsam';
const SLICES = 60;
const MIDDLE = SLICES / 2;

interface Measured {
  readonly imageMs: number;
  readonly sliceMs: number;
  readonly peakMb: number;
}

/**
 * Upstream's own inference script for LiteMedSAM beside our engine with the same random weights, on 512 x 512 x 60 voxels: a box
 * on one slice never seen, and a box carried through the volume by upstream's rule, with embeddings that were computed ahead (as
 * they are where somebody looks at the series) and without; of ours as trained, and in 8 bits. `MEDSAM_UPSTREAM` is a folder with
 * upstream's checkout as `LiteMedSAM` (models/PARITY.md), `MEDSAM_PYTHON` a Python with models/python/requirements-parity.txt.
 */
export const peers: Section = async () => {
  const { MEDSAM_UPSTREAM: upstream, MEDSAM_PYTHON: python } = process.env;
  if (upstream === undefined || python === undefined)
    return { leftOut: 'MEDSAM_UPSTREAM and MEDSAM_PYTHON do not say where upstream is' };
  const folder = await mkdtemp(join(tmpdir(), 'medsam-peers-'));
  try {
    const weights = await exportRandom(python, MODEL, folder);
    const { volume, box } = phantom();
    const [raw, valuesFile] = [join(folder, 'volume.raw'), join(folder, 'values.raw')];
    await writeFile(raw, Buffer.concat(imagesOf(volume)));
    await writeFile(valuesFile, volume.values.subarray(0, volume.slices * volume.rows * volume.columns));
    const size = [volume.slices, volume.rows, volume.columns].map(String);
    const files = ['--upstream', resolve(upstream), '--weights', weights, '--volume', raw];
    const threads = String(availableParallelism());
    const options = ['--size', ...size, '--box', ...box.map(String), '--threads', threads];
    const answer = await modelsPython(python, 'peer', ...files, ...options);
    const theirs = JSON.parse(answer.trim().split('\n').at(-1) ?? '') as Measured;
    const { set, name, series, columns, rows, slices, spacingMm } = volume;
    const facts = { set, name, series, columns, rows, slices, spacingMm };
    const compared: Record<string, number> = {};
    for (const variant of ['fp32', 'int8'] as const) {
      const ours = await carry({ modelId: MODEL, modelsFolder: folder, variant, valuesFile, volume: facts, box });
      const ratios = {
        imageRatio: theirs.imageMs / ours.imageMs,
        sliceRatio: theirs.sliceMs / ours.sliceMs,
        preparedSliceRatio: theirs.sliceMs / ours.preparedSliceMs,
        memoryRatio: (ours.serverPeakMb + ours.enginePeakMb) / theirs.peakMb,
      };
      for (const [key, value] of Object.entries({ ...ours, ...ratios })) compared[`${variant}.${key}`] = value;
    }
    return {
      upstreamImageMs: theirs.imageMs,
      upstreamSliceMs: theirs.sliceMs,
      upstreamPeakMb: theirs.peakMb,
      ...compared,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** The phantom's first slices, and the box of its right kidney on the middle one. */
function phantom(): { readonly volume: TruthVolume; readonly box: Box } {
  const whole = phantomVolume();
  const pixels = whole.columns * whole.rows;
  const kidney = whole.labels
    .subarray(MIDDLE * pixels, (MIDDLE + 1) * pixels)
    .map((label) => (label === PHANTOM_LABELS.kidneyRight ? 1 : 0));
  const box = boxOfRuns(encodeRuns(Uint8Array.from(kidney)), whole.columns);
  if (!box) throw new RangeError('no kidney on the middle slice');
  return { volume: { ...whole, slices: SLICES }, box };
}

/** Grey levels of each slice as the model sees them, which is what upstream's script is given. */
function imagesOf(volume: TruthVolume): Uint8Array[] {
  const slices = planesOf(volume).map((plane, k) => sliceOf(volume, plane, k));
  const middle = slices[MIDDLE];
  if (!middle) throw new RangeError('no middle slice');
  const window = sameWindow(windowSlice(middle, { kind: 'auto' }, volume.series).window);
  return slices.map((slice) => windowSlice(slice, window, volume.series).image.pixels);
}

/** In a process of its own, whose memory is what a server needs, and not what it takes to draw the phantom. */
async function carry(task: CarryTask): Promise<Carried> {
  const child = fork(fileURLToPath(new URL('./carryVolume.child.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  });
  child.send(task);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the walk ended with ${String(code)} and without an answer`);
  });
  const [carried] = (await Promise.race([once(child, 'message'), ended])) as [Carried];
  return carried;
}
