import {
  AppError,
  boxOfRuns,
  clipBox,
  countPixels,
  dice,
  growBox,
  intersect,
  type Box,
  type Plane,
  type PropagationStart,
  type Runs,
  type StopReason,
  type WindowChoice,
} from '@ohif-medsam/protocol';
import { NO_CORRECTIONS, type InferenceEngine, type SliceImage } from '../ports/inferenceEngine.ts';
import type { SliceStore } from '../ports/sliceStore.ts';
import { windowSlice, type SeriesFacts } from '../segment/index.ts';
import { separation, type Appearance } from './appearance.ts';
import { shapeBetween } from './shapeBetween.ts';
import { changeOf, resembles, STOP, type Finding, type StopRule } from './stopRule.ts';

/** So many planes are asked for before they are needed: a push takes about as long as a few inferences. */
const PLANES_AHEAD = 12;

/**
 * Room to grow on the next plane, of the box's side. The model's masks fill their box: with none they shrink from plane to
 * plane, with 0.04 and at least a pixel they swell; with this the area stays (median 0.99 on training volumes).
 */
const MARGIN = 0.03;

/** Dice of the model's mask with the shape between two anchors below which the shape is believed. */
const AGREEMENT = 0.6;

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
  readonly stop: StopRule;
  /** Whether a person decided what the mask of a plane is. Such masks are kept, and lead to others. */
  readonly isAnchor: (plane: Plane) => boolean;
  /** The segment's mask as it stands. */
  readonly maskOn: (plane: Plane) => Runs;
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

type Leg = AsyncGenerator<PropagatedPlane, WalkEnd, undefined>;

/**
 * Goes one way from plane to plane; returns why it ended. Up to an anchor, masks lie between the shapes at both ends; without
 * one, the mask is followed until the object ends. Beyond an anchor it goes on only where nothing has been propagated yet: who
 * corrected a plane wants what lies before the next one done again, and no more.
 */
export async function* walk(route: Route, signal: AbortSignal): Leg {
  const { ahead, maskOn } = route;
  const leads = (plane: Plane) => isAnchorOf(route, plane);
  let [from, step] = [route.first, -1];
  try {
    for (;;) {
      const anchor = ahead.findIndex((plane, at) => at > step && leads(plane));
      const plane = ahead[anchor];
      if (!plane) return yield* follow(route, from, step + 1, ahead.length, signal);
      const runs = maskOn(plane);
      const end = yield* runs.length === 0
        ? follow(route, from, step + 1, anchor, signal)
        : between(route, from, runs, step + 1, anchor, signal);
      const beyond = ahead[anchor + 1];
      const isDone = !beyond || (!leads(beyond) && maskOn(beyond).length > 0);
      if (end.reason !== 'anchor' || runs.length === 0 || isDone) return end;
      [from, step] = [{ ...route.first, runs, image: await imageAt(route, anchor, signal) }, anchor];
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'cancelled' || error.code === 'slice-missing') return { reason: error.code };
    return { reason: 'failed', error };
  }
}

/**
 * Whether what a person did on a plane is about this object: its mask there lies over the one that is carried, or there is none.
 * A segment may have several objects, as the lesions of a liver.
 */
function isAnchorOf({ isAnchor, maskOn, first }: Route, plane: Plane): boolean {
  if (!isAnchor(plane)) return false;
  const runs = maskOn(plane);
  return runs.length === 0 || intersect(runs, first.runs).length > 0;
}

/** From mask to mask over the planes [begin, end) of the way, until the object ends. */
async function* follow(route: Route, from: Finding, begin: number, end: number, signal: AbortSignal): Leg {
  let previous = from;
  for (let step = begin; step < end; step++) {
    if (step >= route.reach) return { reason: 'reach' };
    const next = await look(route, step, previous, signal);
    const reason = route.stop(changeOf(route.first, previous, next), next.plane);
    if (!reason) {
      yield next;
      previous = next;
      continue;
    }
    // One bad plane (an artefact, a gap in a vessel) is no end, if the one behind it shows the object again.
    const beyond = step + 1 < Math.min(end, route.reach) && (await lookBeyond(route, step + 1, next, previous, signal));
    if (!beyond) return { reason };
    yield { ...next, runs: shapeBetween(previous.runs, beyond.runs, 0.5, beyond.image) };
    yield beyond;
    previous = beyond;
    step++;
  }
  return { reason: end < route.ahead.length ? 'anchor' : 'series-end' };
}

/**
 * The plane behind a bad one, if it shows the object: asked with the bad one's mask, which may be no worse than doubtful, and else
 * with the one before, as where there is none.
 */
async function lookBeyond(
  route: Route,
  step: number,
  bad: Finding,
  before: Finding,
  signal: AbortSignal,
): Promise<Look | undefined> {
  for (const previous of [bad, before]) {
    if (countPixels(previous.runs) < STOP.pixels) continue;
    const beyond = await look(route, step, previous, signal);
    if (!route.stop(changeOf(route.first, previous, beyond), beyond.plane)) return beyond;
  }
  return undefined;
}

/**
 * Between two masks that a person vouches for: the shape that lies between is shown to the model. Where the model disagrees, the
 * shape stands, unless nothing there looks like the object: it may have two parts.
 */
async function* between(route: Route, from: Finding, b: Runs, begin: number, end: number, signal: AbortSignal): Leg {
  let previous = from;
  for (let step = begin; step < end; step++) {
    if (step >= route.reach) return { reason: 'reach' };
    const share = (step - begin + 1) / (end - begin + 1);
    const found = await look(route, step, previous, signal, (size) => shapeBetween(from.runs, b, share, size));
    const agrees = dice(found.runs, found.prompt) >= AGREEMENT;
    const next = agrees ? found : { ...found, runs: found.prompt };
    if (agrees || resembles(route.first, found.expected)) yield next;
    previous = next;
  }
  return { reason: 'anchor' };
}

interface Look extends Finding, PropagatedPlane {
  readonly runs: Runs;
  readonly score: number;
  readonly box: Box;
  /** The mask that was expected, and the separation that it has here itself. */
  readonly prompt: Runs;
  readonly expected: number;
}

/**
 * Asks the model about the object on one plane of the way.
 * @param previous - The plane that this one follows.
 * @param expect - The mask that a person's masks make likely here; without it, that of `previous` is expected.
 */
async function look(
  route: Route,
  step: number,
  previous: Finding,
  signal: AbortSignal,
  expect?: (size: SliceImage) => Runs,
): Promise<Look> {
  const { engine, modelId, appearance } = route;
  askAhead(route, step);
  const image = await imageAt(route, step, signal);
  const prompt = expect ? expect(image) : previous.runs;
  const box = nextBox(prompt, image);
  const isAlike = previous.image.columns === image.columns && previous.image.rows === image.rows;
  const beside = isAlike && { beside: { image: previous.image, mask: previous.runs } };
  const { runs, score } = await engine.segment({
    modelId,
    image,
    box,
    // As a mask of this very plane, that of the plane before would be clung to, and each plane add to the error of the one before
    // (tried on training volumes). A shape between two that a person vouches for is shown as that.
    ...(expect ? { corrections: { ...NO_CORRECTIONS, mask: prompt } } : beside),
    priority: 'propagation',
    signal,
  });
  const of = (mask: Runs) => separation(appearance, image, mask);
  return { plane: planeAt(route, step), image, runs, score, separation: of(runs), box, prompt, expected: of(prompt) };
}

async function imageAt(route: Route, step: number, signal: AbortSignal): Promise<SliceImage> {
  const { slices, start, sliceTimeoutMs, window, series } = route;
  const slice = await slices.awaitLatest(start.seriesUid, planeAt(route, step), sliceTimeoutMs, signal);
  return windowSlice(slice, window, series).image;
}

function planeAt({ ahead }: Route, step: number): Plane {
  const plane = ahead[step];
  if (!plane) throw new RangeError(`no plane ${String(step)}`);
  return plane;
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
