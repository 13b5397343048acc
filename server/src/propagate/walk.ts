import {
  AppError,
  boxOfRuns,
  countPixels,
  dice,
  EMPTY_RUNS,
  growBox,
  intersect,
  sameRuns,
  subtract,
  union,
  type Doubt,
  type Plane,
  type PropagationStart,
  type Runs,
  type StopReason,
  type WindowChoice,
} from '@ohif-medsam/protocol';
import type { SliceImage } from '../ports/inferenceEngine.ts';
import type { SliceStore } from '../ports/sliceStore.ts';
import { windowSlice, type SeriesFacts } from '../segment/index.ts';
import { separation, type Appearance } from './appearance.ts';
import { courseUpTo, type Course } from './course.ts';
import { shapeBetween } from './shapeBetween.ts';
import { changeOf, resembles, STOP, type StopRule } from './stopRule.ts';
import type { Place, Strategy } from './strategy.ts';
import { whileBusy } from './whileBusy.ts';

/** So many planes are asked for before they are needed: a push takes about as long as a few inferences. */
const PLANES_AHEAD = 12;

/** Where a plane has not come by then, all that was asked for is asked for again: the pushes may have gone with a connection. */
const ASK_AGAIN_MS = 2_000;

/** Dice of the model's mask with the shape between two anchors below which the shape is believed. */
const AGREEMENT = 0.6;

export interface Route {
  readonly slices: SliceStore;
  /** How the model is asked; of this way alone. */
  readonly strategy: Strategy;
  readonly sliceTimeoutMs: number;
  readonly start: PropagationStart;
  readonly series: SeriesFacts;
  readonly window: WindowChoice;
  readonly onWanted: (planes: readonly Plane[]) => void;
  /** The planes of one direction, nearest first. */
  readonly ahead: readonly Plane[];
  /** Where the plane of a step lies along the axis, as `placesOf` says; step -1 is the one that the way begins at. */
  readonly placeOf: (step: number) => number;
  /** Only so many of them. */
  readonly reach: number;
  readonly first: Place;
  readonly appearance: Appearance;
  readonly stop: StopRule;
  /** Whether a person has decided what the mask of a plane is. Such masks are kept, and lead to others. */
  readonly isAnchor: (plane: Plane) => boolean;
  /** The segment's mask as it stands. */
  readonly maskOn: (plane: Plane) => Runs;
  /** What persons decided on a plane. */
  readonly decisionsOn: (plane: Plane) => Decisions;
}

/** Over the whole image of a plane. */
export interface Decisions {
  /** The masks of their boxes. */
  readonly boxes: readonly Runs[];
  /** What they put in by hand, and what they took out and nothing has brought back. */
  readonly added: Runs;
  readonly erased: Runs;
}

export interface PropagatedPlane {
  readonly plane: Plane;
  /** Over the whole image of the plane; never empty. */
  readonly runs: Runs;
  readonly score: number;
  readonly course: Course;
  /** Why the mask is another than the one that these are of. */
  readonly doubt?: Doubt;
}

export interface WalkEnd {
  readonly reason: StopReason;
  /** What it `failed` of. */
  readonly error?: AppError;
}

/** From one anchor to the next one. */
type Leg = AsyncGenerator<PropagatedPlane, LegEnd, undefined>;
interface LegEnd extends WalkEnd {
  /** The step of the anchor that ended it, if one did. */
  readonly anchor?: number;
}

/**
 * Goes one way from plane to plane; returns why it ended. Up to an anchor, masks lie between the shapes at both ends; without
 * one, the mask is followed until the object ends. Beyond an anchor it goes on only where nothing has been propagated yet: who
 * corrected a plane wants what lies before the next one done again, and no more. What persons decide while it is under way counts
 * from then on.
 */
export async function* walk(route: Route, signal: AbortSignal): AsyncGenerator<PropagatedPlane, WalkEnd, undefined> {
  const { ahead, maskOn, strategy, first } = route;
  const shown = new Set<number>();
  const show = async (step: number, runs: Runs) => {
    if (!shown.has(step)) await strategy.anchor(step, runs, () => anchorImage(route, step, signal));
    shown.add(step);
  };
  let from = first;
  try {
    await strategy.anchor(first.step, first.runs, () => Promise.resolve(first.image));
    for (;;) {
      const next = ahead.findIndex((plane, step) => step > from.step && isAnchorOf(route, from.runs, plane));
      const plane = ahead[next];
      const runs = plane ? maskOn(plane) : EMPTY_RUNS;
      if (runs.length > 0) await show(next, runs);
      const end = yield* runs.length > 0
        ? between(route, from, runs, next, signal)
        : follow(route, from, plane ? next : ahead.length, signal);
      if (end.anchor === undefined) return end;
      const carried = maskOn(planeAt(route, end.anchor));
      if (carried.length === 0 || isDone(route, carried, ahead[end.anchor + 1])) return { reason: 'anchor' };
      await show(end.anchor, carried);
      from = { ...first, runs: carried, image: await imageAt(route, end.anchor, signal), step: end.anchor };
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
export function isAnchorOf(
  { isAnchor, maskOn }: Pick<Route, 'isAnchor' | 'maskOn'>,
  carried: Runs,
  plane: Plane,
): boolean {
  if (!isAnchor(plane)) return false;
  const runs = maskOn(plane);
  return runs.length === 0 || intersect(runs, carried).length > 0;
}

/** Whether the object of an anchor has been propagated beyond it. @param beyond - The plane behind the anchor, if there is one. */
const isDone = (route: Route, carried: Runs, beyond: Plane | undefined): boolean =>
  !beyond || (!isAnchorOf(route, carried, beyond) && intersect(route.maskOn(beyond), carried).length > 0);

/**
 * From mask to mask over the planes of the way up to `end`, until the object ends, or comes to a mask that a person decided on: further
 * on, where the object has gone sideways since the anchors were looked through, or since then.
 */
async function* follow(route: Route, from: Place, end: number, signal: AbortSignal): Leg {
  let previous = from;
  for (let step = from.step + 1; step < end; step++) {
    if (step >= route.reach) return { reason: 'reach' };
    const corrected = await asCorrected(route, previous);
    if (!corrected) return { reason: 'anchor' };
    if (isAnchorOf(route, corrected.runs, planeAt(route, step))) return { reason: 'anchor', anchor: step };
    const next = await look(route, step, corrected, signal);
    if (isAnchorOf(route, next.runs, next.plane)) return { reason: 'anchor', anchor: step };
    const reason = route.stop(changeOf(route.first, corrected, next), next.plane);
    if (!reason) {
      yield settled(route, next);
      previous = next;
      continue;
    }
    // One bad plane (an artefact, a gap in a vessel) is no end, if the one behind it shows the object again.
    const isWithin = step + 1 < Math.min(end, route.reach);
    const beyond = isWithin && (await lookBeyond(route, step + 1, next, corrected, signal));
    if (!beyond) return { reason };
    const share = shareOf(route, step - 1, step, step + 1);
    const bridge = shapeBetween(corrected.runs, beyond.runs, share, beyond.image);
    yield settled(route, { ...next, runs: bridge, doubt: 'bridged' });
    if (isAnchorOf(route, beyond.runs, beyond.plane)) return { reason: 'anchor', anchor: step + 1 };
    yield settled(route, beyond);
    previous = beyond;
    step++;
  }
  return end < route.ahead.length ? { reason: 'anchor', anchor: end } : { reason: 'series-end' };
}

/** A plane that was found, as a person has corrected it since; undefined where they left nothing of it. */
async function asCorrected(route: Route, place: Place): Promise<Place | undefined> {
  const plane = route.ahead[place.step];
  if (!plane) return place;
  const { boxes, added, erased } = route.decisionsOn(plane);
  // What was painted elsewhere on the plane is another object of the segment.
  const own = meets(added, place) ? added : EMPTY_RUNS;
  const runs = union(subtract(asBoxed(place, boxes), erased), own);
  if (sameRuns(runs, place.runs)) return place;
  if (runs.length === 0) return undefined;
  await route.strategy.anchor(place.step, runs, () => Promise.resolve(place.image));
  return { ...route.first, runs, image: place.image, step: place.step };
}

/** A mask that was found gives way to those of the boxes that it overlaps [DOC-7]; a person's own holds its boxes already. */
function asBoxed({ runs, course }: Place, boxes: readonly Runs[]): Runs {
  const own = boxes.filter((box) => intersect(box, runs).length > 0);
  return course && own.length > 0 ? own.reduce(union) : runs;
}

/** Whether some pixels reach to the box around a mask, or into it. */
function meets(pixels: Runs, { runs, image: { columns } }: Place): boolean {
  const [box, other] = [boxOfRuns(runs, columns), boxOfRuns(pixels, columns)];
  if (!box || !other) return false;
  const [x0, y0, x1, y1] = growBox(box, 1);
  return other[0] <= x1 && other[2] >= x0 && other[1] <= y1 && other[3] >= y0;
}

/**
 * The plane behind a bad one, if it shows the object: asked with the bad one's mask, which may be no worse than doubtful, and else
 * with the one before, as where there is none.
 */
async function lookBeyond(
  route: Route,
  step: number,
  bad: Place,
  before: Place,
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
async function* between(route: Route, from: Place, b: Runs, end: number, signal: AbortSignal): Leg {
  let previous = from;
  for (let step = from.step + 1; step < end; step++) {
    if (step >= route.reach) return { reason: 'reach' };
    const share = shareOf(route, from.step, step, end);
    const found = await look(route, step, previous, signal, (size) => shapeBetween(from.runs, b, share, size));
    if (isAnchorOf(route, found.prompt, found.plane)) return { reason: 'anchor', anchor: step };
    const agrees = dice(found.runs, found.prompt) >= AGREEMENT;
    const next = agrees ? found : { ...found, runs: found.prompt, doubt: 'disagreed' as const };
    if (agrees || resembles(route.first, found.expected)) yield settled(route, next);
    previous = next;
  }
  return { reason: 'anchor', anchor: end };
}

/** How far the plane of a step is from one to another, 0 to 1: by distance, so that a gap counts for what it is. */
const shareOf = ({ placeOf }: Route, from: number, step: number, to: number): number =>
  (placeOf(step) - placeOf(from)) / (placeOf(to) - placeOf(from));

interface Look extends Place, PropagatedPlane {
  readonly runs: Runs;
  readonly score: number;
  readonly course: Course;
  /** The mask that was expected, and the separation that it has here itself. */
  readonly prompt: Runs;
  readonly expected: number;
}

function settled({ strategy }: Route, place: Look): PropagatedPlane {
  strategy.settle(place);
  return place;
}

/**
 * Asks the model about the object on one plane of the way.
 * @param previous - The plane that this one follows.
 * @param expect - The mask that a person's masks make likely here; without it, that of `previous` is expected.
 */
async function look(
  route: Route,
  step: number,
  previous: Place,
  signal: AbortSignal,
  expect?: (size: SliceImage) => Runs,
): Promise<Look> {
  const { strategy, appearance } = route;
  askAhead(route, step);
  const image = await imageAt(route, step, signal);
  const prompt = expect ? expect(image) : previous.runs;
  const question = { image, step, previous, prompt, isBetween: expect !== undefined };
  const found = await whileBusy(() => strategy.find(question, signal), signal);
  const of = (mask: Runs) => separation(appearance, image, mask);
  const plane = planeAt(route, step);
  const course = courseUpTo(found.score, previous.course);
  return { ...found, plane, step, image, course, separation: of(found.runs), prompt, expected: of(prompt) };
}

async function imageAt(route: Route, step: number, signal: AbortSignal): Promise<SliceImage> {
  const { slices, start, sliceTimeoutMs, window, series } = route;
  const plane = planeAt(route, step);
  const again = setInterval(() => ask(route, step, step + PLANES_AHEAD), ASK_AGAIN_MS);
  const arrival = slices.awaitLatest(start.seriesUid, plane, sliceTimeoutMs, signal);
  const slice = await arrival.finally(() => clearInterval(again));
  const { columns, rows } = route.first.image;
  // Planes across the frames grow with their series: masks of the new size would not lie in the frames that this way knows.
  if (slice.columns !== columns || slice.rows !== rows) throw new AppError('series-grown');
  return windowSlice(slice, window, series).image;
}

/** Of a plane further on, which nobody may have asked for yet. */
async function anchorImage(route: Route, step: number, signal: AbortSignal): Promise<SliceImage> {
  const plane = planeAt(route, step);
  if (!route.slices.latest(route.start.seriesUid, plane)) route.onWanted([plane]);
  return imageAt(route, step, signal);
}

function planeAt({ ahead }: Route, step: number): Plane {
  const plane = ahead[step];
  if (!plane) throw new RangeError(`no plane ${String(step)}`);
  return plane;
}

/** On the first step the next planes, then one more with each: what was asked for before is on its way. */
const askAhead = (route: Route, step: number): void =>
  ask(route, step === 0 ? 0 : step + PLANES_AHEAD - 1, step + PLANES_AHEAD);

/** Asks for what is not here of the planes [from, to) of the way. */
function ask({ slices, start, ahead, reach, onWanted }: Route, from: number, to: number): void {
  const wanted = ahead.slice(from, Math.min(to, reach)).filter((plane) => !slices.latest(start.seriesUid, plane));
  if (wanted.length > 0) onWanted(wanted);
}
