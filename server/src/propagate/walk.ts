import {
  AppError,
  boxOfRuns,
  clipBox,
  growBox,
  type Box,
  type Plane,
  type PropagationStart,
  type Runs,
  type StopReason,
  type WindowChoice,
} from '@ohif-medsam/protocol';
import type { InferenceEngine } from '../ports/inferenceEngine.ts';
import type { Slice, SliceStore } from '../ports/sliceStore.ts';
import { windowSlice, type SeriesFacts } from '../segment/index.ts';
import { separation, type Appearance } from './appearance.ts';
import { stopReason, type Finding } from './stopRule.ts';

/** So many planes are asked for before they are needed: a push takes about as long as a few inferences. */
const PLANES_AHEAD = 12;

/**
 * Room to grow on the next plane, of the box's side. The model's masks fill their box: with none they shrink from plane to
 * plane, with 0.04 and at least a pixel they swell; with this the area stays (median 0.99 on training volumes).
 */
const MARGIN = 0.03;

export interface Route {
  readonly slices: SliceStore;
  readonly engine: InferenceEngine;
  readonly sliceTimeoutMs: number;
  readonly start: PropagationStart;
  readonly series: SeriesFacts;
  readonly window: WindowChoice;
  readonly modelId: string;
  readonly onWanted: (planes: readonly Plane[]) => void;
  /** The planes of one direction, nearest first. */
  readonly ahead: readonly Plane[];
  readonly reach: number;
  readonly first: Finding;
  readonly appearance: Appearance;
}

export interface PropagatedPlane {
  readonly plane: Plane;
  /** Over the whole image of the plane; never empty. */
  readonly runs: Runs;
  readonly score: number;
  /** The box that the model was given. */
  readonly box: Box;
}

export interface WalkEnd {
  readonly reason: StopReason;
  /** What it `failed` of. */
  readonly error?: AppError;
}

/** Goes one way from plane to plane; returns why it ended. */
export async function* walk(route: Route, signal: AbortSignal): AsyncGenerator<PropagatedPlane, WalkEnd, undefined> {
  let previous = route.first;
  try {
    for (const [step, plane] of route.ahead.entries()) {
      if (step === route.reach) return { reason: 'reach' };
      askAhead(route, step);
      const slice = await route.slices.awaitLatest(route.start.seriesUid, plane, route.sliceTimeoutMs, signal);
      const next = await carry(route, slice, previous.runs, signal);
      const reason = stopReason(route.first, previous, next);
      if (reason) return { reason };
      yield { plane, runs: next.runs, score: next.score, box: next.box };
      previous = next;
    }
    return { reason: 'series-end' };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'cancelled' || error.code === 'slice-missing') return { reason: error.code };
    return { reason: 'failed', error };
  }
}

/** Asks the model about the place where the object was on the plane before. */
async function carry(route: Route, slice: Slice, mask: Runs, signal: AbortSignal) {
  const { image } = windowSlice(slice, route.window, route.series);
  const box = nextBox(mask, slice);
  const { modelId } = route;
  const found = await route.engine.segment({ modelId, image, box, priority: 'propagation', signal });
  return { runs: found.runs, score: found.score, separation: separation(route.appearance, image, found.runs), box };
}

function nextBox(mask: Runs, size: { readonly columns: number; readonly rows: number }): Box {
  const box = boxOfRuns(mask, size.columns);
  if (!box) throw new RangeError('an empty mask has no box');
  const side = Math.max(box[2] - box[0], box[3] - box[1]) + 1;
  return clipBox(growBox(box, Math.round(side * MARGIN)), size);
}

/** On the first step the next planes, then one more with each: what was asked for before is on its way. */
function askAhead({ slices, start, ahead, reach, onWanted }: Route, step: number): void {
  const from = step === 0 ? 0 : step + PLANES_AHEAD - 1;
  const wanted = ahead
    .slice(from, Math.min(step + PLANES_AHEAD, reach))
    .filter((plane) => !slices.latest(start.seriesUid, plane));
  if (wanted.length > 0) onWanted(wanted);
}
