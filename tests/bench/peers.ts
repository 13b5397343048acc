import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { boxOfRuns, encodeRuns, type Box } from '@ohif-medsam/protocol';
import { memorySliceStore } from '@ohif-medsam/server/adapters/memory/sliceStore';
import { openJudgedEngine } from '@ohif-medsam/server/cli/judgedEngine';
import { PHANTOM_LABELS } from '@ohif-medsam/server/demo/labels';
import { phantomVolume } from '@ohif-medsam/server/demo/phantomVolume';
import { carryAsUpstream } from '@ohif-medsam/server/evaluate/volume/upstreamsRule';
import { planesOf, sliceOf, type TruthVolume } from '@ohif-medsam/server/evaluate/volume/volume';
import type { SliceImage } from '@ohif-medsam/server/ports/inferenceEngine';
import { sameWindow, windowSlice } from '@ohif-medsam/server/segment/index';
import { quantile, type Section } from './section.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MODEL = 'litemedsam';
const SLICES = 60;
const MIDDLE = SLICES / 2;
const BOXES = 20;
const run = promisify(execFile);

interface Measured {
  readonly imageMs: number;
  readonly sliceMs: number;
  readonly peakMb: number;
}

/**
 * Upstream's own inference script for LiteMedSAM beside our engine with the same random weights, on 512 x 512 x 60 voxels: a box
 * on one slice never seen, and a box carried through the volume by upstream's rule, with embeddings that were computed ahead (as
 * they are where somebody looks at the series) and without. `MEDSAM_UPSTREAM` is a folder with upstream's checkout as
 * `LiteMedSAM` (models/PARITY.md), `MEDSAM_PYTHON` a Python with models/python/requirements-parity.txt.
 */
export const peers: Section = async () => {
  const { MEDSAM_UPSTREAM: upstream, MEDSAM_PYTHON: python } = process.env;
  if (upstream === undefined || python === undefined)
    return { leftOut: 'MEDSAM_UPSTREAM and MEDSAM_PYTHON do not say where upstream is' };
  const folder = await mkdtemp(join(tmpdir(), 'medsam-peers-'));
  const ask = async (...args: string[]) =>
    (await run(python, ['-m', 'medsam_models', ...args], { cwd: join(ROOT, 'models/python') })).stdout;
  try {
    const weights = join(folder, 'weights.pth');
    await ask('random-weights', '--model', MODEL, '--out', weights);
    await ask('export', '--model', MODEL, '--weights', weights, '--out', folder);
    const { volume, box } = phantom();
    const images = imagesOf(volume);
    const raw = join(folder, 'volume.raw');
    await writeFile(raw, Buffer.concat(images.map(({ pixels }) => pixels)));
    const size = [volume.slices, volume.rows, volume.columns].map(String);
    const files = ['--upstream', upstream, '--weights', weights, '--volume', raw];
    const threads = String(availableParallelism());
    const answer = await ask('peer', ...files, '--size', ...size, '--box', ...box.map(String), '--threads', threads);
    const theirs = JSON.parse(answer.trim().split('\n').at(-1) ?? '') as Measured;
    const ours = await measureOurs(folder, volume, images, box);
    return {
      upstreamImageMs: theirs.imageMs,
      upstreamSliceMs: theirs.sliceMs,
      upstreamPeakMb: theirs.peakMb,
      ...ours,
      imageRatio: theirs.imageMs / ours.imageMs,
      sliceRatio: theirs.sliceMs / ours.sliceMs,
      preparedSliceRatio: theirs.sliceMs / ours.preparedSliceMs,
      memoryRatio: ours.peakMb / theirs.peakMb,
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

/** As the model sees them, which is what upstream's script is given too. */
function imagesOf(volume: TruthVolume): SliceImage[] {
  const slices = planesOf(volume).map((plane, k) => sliceOf(volume, plane, k));
  const middle = slices[MIDDLE];
  if (!middle) throw new RangeError('no middle slice');
  const window = sameWindow(windowSlice(middle, { kind: 'auto' }, volume.series).window);
  return slices.map((slice) => windowSlice(slice, window, volume.series).image);
}

async function measureOurs(folder: string, volume: TruthVolume, images: readonly SliceImage[], box: Box) {
  const engine = await openJudgedEngine(MODEL, folder, ROOT);
  const signal = new AbortController().signal;
  const ports = { engine, slices: memorySliceStore(256 * 1024 * 1024), modelId: MODEL, signal };
  const carry = () => timed(() => carryAsUpstream(ports, volume, MIDDLE, box));
  try {
    const imageMs: number[] = [];
    for (const [n, image] of images.slice(0, BOXES).entries()) {
      // Under a name of its own: what was computed of it here is of no use to the walk.
      const unseen = { ...image, key: `unseen ${String(n)}` };
      imageMs.push(await timed(() => engine.segment({ modelId: MODEL, image: unseen, box, priority: 'prompt' })));
    }
    const sliceMs = (await carry()) / SLICES;
    // Where all embeddings fit into the cache, the second walk finds those of the first.
    const preparedSliceMs = (await carry()) / SLICES;
    const pids = [process.pid, ...engine.health().flatMap(({ pid }) => pid ?? [])];
    const peaks = await Promise.all(pids.map(peakMb));
    return {
      imageMs: quantile(imageMs, 0.5),
      sliceMs,
      preparedSliceMs,
      peakMb: peaks.reduce((sum, mb) => sum + mb, 0),
    };
  } finally {
    await engine.close();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The most memory that a process ever held. */
async function peakMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}
