import {
  AppError,
  countPixels,
  EMPTY_RUNS,
  planeKeyOf,
  type Plane,
  type PropagationStart,
  type Runs,
  type SeriesFrame,
  type StopReason,
} from '@ohif-medsam/protocol';
import type { InferenceEngine } from '../ports/inferenceEngine.ts';
import type { SliceStore } from '../ports/sliceStore.ts';
import { requireSlice, sameWindow, windowSlice, type SeriesFacts } from '../segment/index.ts';
import { learnAppearance, separation } from './appearance.ts';
import { byBox } from './byBox.ts';
import { byMemory } from './byMemory.ts';
import { placesOf } from './places.ts';
import { reachOf } from './reach.ts';
import { stopRuleFor, type StopRule } from './stopRule.ts';
import { walk, type Decisions, type PropagatedPlane, type WalkEnd } from './walk.ts';

const NO_DECISIONS: Decisions = { boxes: [], added: EMPTY_RUNS, erased: EMPTY_RUNS };

export interface PropagationTask {
  readonly start: PropagationStart;
  readonly series: SeriesFacts;
  /** Whose it is: the propagations of several people take turns. */
  readonly client?: string;
  /** Every plane of the series along the axis of `start.plane`, in order. */
  readonly planes: readonly Plane[];
  /** The segment's mask on `start.plane`. */
  readonly mask: Runs;
  /** Whether a person has decided what the mask of a plane is. */
  readonly isAnchor?: (plane: Plane) => boolean;
  /** The segment's mask on a plane, as it stands; needed where there are anchors. */
  readonly maskOn?: (plane: Plane) => Runs;
  /** What persons decided on a plane; needed where that may change while it runs. */
  readonly decisionsOn?: (plane: Plane) => Decisions;
  /** Waited for before each plane: while it is paused, nothing is asked of the model. */
  readonly untilResumed?: (signal: AbortSignal) => Promise<void>;
  /** Of the series: where its planes lie, gaps included. Needed where the reach is one in mm. */
  readonly frames?: readonly SeriesFrame[];
  /** Planes that are needed soon, nearest first, of which no pixels are here yet. */
  readonly onWanted: (planes: readonly Plane[]) => void;
}

/** Why each direction ended; null for one that was not asked for. */
export interface PropagationEnd {
  readonly forward: StopReason | null;
  readonly backward: StopReason | null;
  /** What a direction `failed` of. */
  readonly error?: AppError;
}

export interface RunningPropagation {
  /** The most planes there can be. */
  readonly total: number;
  /** The planes forward and backward within reach, nearest first; null for a way that was not asked for. */
  readonly ways: readonly [forward: readonly Plane[] | null, backward: readonly Plane[] | null];
  /** Masks as they are found, both directions in turn, so that the neighbours of the prompt come first. */
  readonly planes: AsyncGenerator<PropagatedPlane, PropagationEnd, undefined>;
}

export interface PropagatePorts {
  readonly slices: SliceStore;
  readonly engine: InferenceEngine;
  /** A slice that has not come by then is missing. */
  readonly sliceTimeoutMs: number;
  /** The rule by which it stops; {@link stopRuleFor} the model by default. */
  readonly stop?: StopRule;
}

/**
 * Carries a mask from plane to plane, outwards, until the object ends or the next anchor comes. All planes are shown to the model in the window of
 * the first: its own percentiles would make the same tissue brighter or darker from plane to plane.
 * Aborting `signal`, or leaving the loop over `planes`, ends it at once.
 * @throws AppError `propagation-empty`, `slice-missing`, `input-invalid`; later failures are a direction's `failed`.
 */
export const propagate =
  (ports: PropagatePorts) =>
  (task: PropagationTask, signal: AbortSignal): RunningPropagation => {
    const { start, planes, mask, series } = task;
    if (countPixels(mask) === 0) throw new AppError('propagation-empty');
    const slice = requireSlice(ports.slices, start);
    const { image, window } = windowSlice(slice, start.window, series);
    const appearance = learnAppearance(image, mask);
    const { engine } = ports;
    const modelId = start.modelId ?? engine.defaultModelId;
    const asker = { modelId, ...(task.client !== undefined && { client: task.client }) };
    const strategy = () => (engine.hasMemory(modelId) ? byMemory(engine, asker, planes.length) : byBox(engine, asker));
    const route = {
      ...task,
      ...ports,
      stop: ports.stop ?? stopRuleFor(engine.hasLearnedScore(modelId)),
      window: sameWindow(window),
      appearance,
      isAnchor: task.isAnchor ?? (() => false),
      maskOn: task.maskOn ?? (() => EMPTY_RUNS),
      decisionsOn: task.decisionsOn ?? (() => NO_DECISIONS),
      first: { runs: mask, image, separation: separation(appearance, image, mask), step: -1 },
    };
    const at = planes.map(planeKeyOf).indexOf(planeKeyOf(start.plane));
    if (at < 0) throw new RangeError('the prompted plane is none of the planes');
    const forward = start.direction === 'backward' ? null : planes.slice(at + 1);
    const backward = start.direction === 'forward' ? null : planes.slice(0, at).reverse();
    const places = placesOf(planes, task.frames ?? []);
    const placeOf = (towards: 1 | -1) => (step: number) => places[at + towards * (step + 1)] ?? NaN;
    const within = (ahead: readonly Plane[] | null) =>
      ahead && ahead.slice(0, reachOf(start, ahead, task.frames ?? []));
    const ways = [within(forward), within(backward)] as const;

    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    const walks = [forward, backward].map(
      (ahead, n) =>
        ahead &&
        walk(
          { ...route, ahead, placeOf: placeOf(n === 0 ? 1 : -1), reach: ways[n]?.length ?? 0, strategy: strategy() },
          either,
        ),
    );
    const total = ways.reduce((sum, way) => sum + (way?.length ?? 0), 0);
    const resumed = async () => task.untilResumed?.(either);
    return { total, ways, planes: inTurn(walks, resumed, stop) };
  };

type Walk = AsyncGenerator<PropagatedPlane, WalkEnd, undefined>;

/** Runs both walks at once, so that one of them always waits for the engine, and yields whatever is found first. */
async function* inTurn(
  walks: readonly (Walk | null)[],
  resumed: () => Promise<void>,
  stop: AbortController,
): RunningPropagation['planes'] {
  const ends: (WalkEnd | null)[] = walks.map(() => null);
  const advance = async (index: number) => {
    await resumed();
    return { index, found: await walks[index]?.next() };
  };
  const pending = new Map(walks.flatMap((each, index) => (each ? [[index, advance(index)] as const] : [])));
  try {
    while (pending.size > 0) {
      const { index, found } = await Promise.race(pending.values());
      pending.delete(index);
      if (found?.done) ends[index] = found.value;
      else if (found) {
        pending.set(index, advance(index));
        yield found.value;
      }
    }
    const [forward, backward] = ends;
    const error = forward?.error ?? backward?.error;
    return { forward: forward?.reason ?? null, backward: backward?.reason ?? null, ...(error && { error }) };
  } finally {
    stop.abort();
    await Promise.allSettled(pending.values());
  }
}
