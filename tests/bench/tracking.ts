import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeRuns, type Plane, type PropagationStart, type Runs } from '@ohif-medsam/protocol';
import { memorySliceStore } from '@ohif-medsam/server/adapters/memory/sliceStore';
import { readCards } from '@ohif-medsam/server/adapters/onnx/card';
import { hashed } from '@ohif-medsam/server/adapters/onnx/hashed';
import { openOnnxEngine } from '@ohif-medsam/server/adapters/onnx/onnxEngine';
import { Graph } from '@ohif-medsam/server/adapters/onnx/session';
import type { Numbers as Tensor } from '@ohif-medsam/server/adapters/onnx/tensors';
import { contractsOf, type GraphName } from '@ohif-medsam/server/adapters/onnx/tracking/contracts';
import { trackingGolden } from '@ohif-medsam/server/adapters/onnx/tracking/golden';
import type { TrackingCard } from '@ohif-medsam/server/adapters/onnx/tracking/trackingCard';
import { verifiedFiles } from '@ohif-medsam/server/adapters/onnx/verifiedFile';
import { PHANTOM_LABELS } from '@ohif-medsam/server/demo/labels';
import { phantomSlice } from '@ohif-medsam/server/demo/phantomSlice';
import type { InferenceEngine } from '@ohif-medsam/server/ports/inferenceEngine';
import { propagate } from '@ohif-medsam/server/propagate/index';
import { modelFoldersOf, readSettings } from '@ohif-medsam/server/settings';
import { pino } from 'pino';
import { quantile, type Section } from './section.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** A slice through both kidneys, and how far it is carried, one way: as far as more memories make a slice slower. */
const FIRST = 30;
const STEPS = 8;
/** The first one warms up. */
const ROUNDS = 4;

/** Propagation by memory, beside the bare graphs with inputs of the same shapes; of a model that is installed. */
export const tracking: Section = async () => {
  const { installed } = modelFoldersOf(readSettings(process.env, ROOT), ROOT);
  const cards = (await readCards(join(installed, 'cards'))).flatMap((file) => ('card' in file ? [file.card] : []));
  const card = cards.find((each) => each.family === 'tracking');
  if (card?.family !== 'tracking') return { leftOut: 'no model with memory is installed (models/README.md, MedSAM2)' };
  const threads = availableParallelism();
  const engine = await openOnnxEngine({
    ...{ modelsFolder: installed, defaultModelId: card.id, providers: ['cpu'], threads },
    ...{ imageBytes: 64 * 1024 * 1024, queueLength: 10, runTimeoutMs: 600_000 },
    log: pino({ level: 'warn' }, pino.destination(2)),
  });
  const graphs = await openGraphs(card, installed, threads);
  const phantom = Array.from({ length: STEPS + 1 }, (_, n) => phantomSlice(FIRST + n));
  try {
    const walkMs: number[] = [];
    const graphsMs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      walkMs.push(await timeOf(async () => walk(engine, phantom, round)));
      graphsMs.push(await timeOf(async () => runGraphs(graphs, card)));
    }
    const [walked, bare] = [walkMs, graphsMs].map((times) => quantile(times.slice(1), 0.5)) as [number, number];
    return { sliceMs: walked / STEPS, graphsMsPerSlice: bare / STEPS, timesItsGraphs: walked / bare };
  } finally {
    await engine.close();
    await Promise.all(Object.values(graphs).map(async (graph) => graph.release()));
  }
};

/** @param round - Nothing is kept from one to the next. */
async function walk(engine: InferenceEngine, phantom: readonly ReturnType<typeof phantomSlice>[], round: number) {
  const seriesUid = String(round);
  const planes = Array.from({ length: STEPS + 1 }, (_, n): Plane => ({ axis: 'k', frame: `1.2.${String(n)}/1` }));
  const slices = memorySliceStore(64 * 1024 * 1024);
  let mask: Runs = [];
  for (const [n, plane] of planes.entries()) {
    const { hu, labels } = phantom[n]!;
    const facts = { columns: 512, rows: 512, slope: 1, intercept: 0, invert: false, components: 1 } as const;
    slices.put({ seriesUid, plane, hash: `${seriesUid}/${String(n)}`, pixels: hu, ...facts });
    if (n === 0) mask = encodeRuns(labels.map((label) => (label === PHANTOM_LABELS.kidneyRight ? 1 : 0)));
  }
  const [plane] = planes;
  if (!plane) throw new RangeError('no plane');
  const start: PropagationStart = {
    ...{ seriesUid, propagationId: randomUUID(), segmentId: randomUUID(), plane, sliceHash: `${seriesUid}/0` },
    direction: 'forward',
    window: { kind: 'auto' },
  };
  // Weights that nobody trained lose every object at once.
  const ports = { slices, engine, sliceTimeoutMs: 0, stop: () => undefined };
  const task = { start, series: { modality: 'CT' }, planes, mask, onWanted: () => undefined };
  const running = propagate(ports)(task, new AbortController().signal);
  for (let found = 0; ; found++) {
    const next = await running.planes.next();
    if (!next.done) continue;
    if (next.value.forward !== 'series-end' || found < STEPS) throw new Error(`ended by ${String(next.value.forward)}`);
    return;
  }
}

/** As often as the walk runs them, with as many memories. */
async function runGraphs(graphs: Readonly<Record<GraphName, Graph>>, card: TrackingCard): Promise<void> {
  const { channels, grid, memoryChannels } = card.embedding;
  const { encoder, adopt, track, memory } = trackingGolden(card);
  await graphs.encoder.run(encoder);
  await graphs.adopt.run(adopt);
  await graphs.memory.run(memory);
  for (let step = 0; step < STEPS; step++) {
    const [seen, pointing] = [1 + Math.min(step, 6), 1 + step];
    const times = (length: number): Tensor => ({ data: new Float32Array(length), shape: [length] });
    await graphs.encoder.run(encoder);
    await graphs.track.run({
      ...track,
      ...{ mem: hashed([seen, memoryChannels, grid, grid], -1, 1), mem_t: times(seen) },
      ...{ ptrs: hashed([pointing, channels], -1, 1), ptr_dt: times(pointing) },
    });
    await graphs.memory.run(memory);
  }
}

async function openGraphs(card: TrackingCard, folder: string, threads: number) {
  const files = Object.entries(card.files).flatMap(([name, { fp32 }]) => (fp32 ? [[name, fp32] as const] : []));
  const verified = await verifiedFiles(folder, Object.fromEntries(files));
  const opened = Object.entries(contractsOf(card)).map(async ([name, contract]) => {
    const graph = await Graph.open(verified[name] ?? '', contract, {
      provider: 'cpu',
      device: 0,
      threads,
      batch: 1,
    });
    return [name, graph] as const;
  });
  return Object.fromEntries(await Promise.all(opened)) as Record<GraphName, Graph>;
}

async function timeOf(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
