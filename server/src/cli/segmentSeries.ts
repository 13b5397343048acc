import { randomUUID } from 'node:crypto';
import {
  AppError,
  CATEGORIES,
  COMMON_TYPES,
  type Box,
  type Cell,
  type FrameKey,
  type Plane,
} from '@ohif-medsam/protocol';
import type { SegContent } from '../dicomSeg/index.ts';
import { memorySliceStore } from '../adapters/memory/sliceStore.ts';
import type { InferenceEngine } from '../ports/inferenceEngine.ts';
import { propagate, type PropagationEnd } from '../propagate/index.ts';
import { segmentFromBox } from '../segment/index.ts';
import type { FolderSeries } from './folderSeries.ts';

const SLICE_CACHE_BYTES = 512 * 1024 * 1024;
const SLICE_TIMEOUT_MS = 60_000;
const AUTO = { kind: 'auto' } as const;

export interface SegmentTask {
  readonly frame: FrameKey;
  readonly box: Box;
  readonly propagate: boolean;
  readonly modelId: string;
}

export interface SegmentedSeries extends SegContent {
  /** Why propagation ended each way; null where there was none. */
  readonly end: PropagationEnd;
}

/**
 * Segments one object of a series from a box, by the same use cases as the server.
 * @throws AppError as they do, and what a direction of the propagation failed of.
 */
export async function segmentSeries(
  { series, slice }: FolderSeries,
  engine: InferenceEngine,
  task: SegmentTask,
): Promise<SegmentedSeries> {
  const { seriesUid } = series;
  const slices = memorySliceStore(SLICE_CACHE_BYTES);
  const first = await slice(task.frame);
  slices.put(first);
  const segmentId = randomUUID();
  const plane = { axis: 'k', frame: task.frame } as const;
  const request = { seriesUid, segmentId, plane, sliceHash: first.hash, window: AUTO, modelId: task.modelId };
  const prompt = { ...request, promptId: randomUUID(), box: task.box };
  const { runs: mask } = await segmentFromBox({ slices, engine })(prompt, series);
  const cells: Cell[] = [{ segmentId, frame: task.frame, runs: mask }];
  const segments = [{ id: segmentId, ...descriptionOf(engine, task.modelId) }];
  if (!task.propagate) return { segments, cells, end: { forward: null, backward: null } };

  const stop = new AbortController();
  let failure: Error | undefined;
  /** Reads ahead, as a viewer pushes what the server wants. */
  const onWanted = (planes: readonly Plane[]) => {
    void readAll(planes).catch((error: unknown) => {
      failure ??= error instanceof Error ? error : new Error(String(error));
      stop.abort();
    });
  };
  const readAll = async (planes: readonly Plane[]) => {
    for (const wanted of planes) if (wanted.axis === 'k' && !stop.signal.aborted) slices.put(await slice(wanted.frame));
  };
  const start = { ...request, propagationId: randomUUID(), direction: 'both' } as const;
  const planes = series.frameKeys.map((frame): Plane => ({ axis: 'k', frame }));
  const running = propagate({ slices, engine, sliceTimeoutMs: SLICE_TIMEOUT_MS })(
    { start, series, planes, mask, onWanted },
    stop.signal,
  );
  for (;;) {
    const next = await running.planes.next();
    if (failure) throw failure;
    if (next.done) return { segments, cells, end: endedWell(next.value) };
    if (next.value.plane.axis === 'k') cells.push({ segmentId, frame: next.value.plane.frame, runs: next.value.runs });
  }
}

/** Half an object in a file would pass for a whole one. */
function endedWell({ forward, backward, error }: PropagationEnd): PropagationEnd {
  if (error) throw error;
  const reasons = [forward, backward];
  if (reasons.includes('slice-missing')) throw new AppError('slice-missing');
  if (reasons.includes('failed')) throw new AppError('engine-failed');
  return { forward, backward };
}

/** A lesion, until somebody who sees it says what it is. */
function descriptionOf(engine: InferenceEngine, modelId: string) {
  const model = engine.models().find(({ id }) => id === modelId);
  const [lesion] = COMMON_TYPES;
  if (!model) throw new AppError('model-unknown', modelId);
  if (!lesion) throw new RangeError('no common types');
  const { value, scheme, meaning, color } = lesion;
  const uuid = randomUUID();
  return {
    label: meaning,
    color,
    coding: { category: CATEGORIES.lesion, type: { value, scheme, meaning } },
    tracking: { id: uuid, uid: `2.25.${BigInt(`0x${uuid.replaceAll('-', '')}`).toString()}` },
    algorithm: { type: 'SEMIAUTOMATIC', name: model.title, version: model.version, modelSha256: model.sha256 } as const,
  };
}
