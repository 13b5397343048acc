import { setTimeout } from 'node:timers/promises';
import {
  AppError,
  areParallel,
  frameKeyOf,
  planeKeyOf,
  planeMaskToFrames,
  sortFrames,
  subtract,
  toWireError,
  type FrameKey,
  type FrameMask,
  type Plane,
  type PropagationEnded,
  type PropagationProgress,
  type PropagationStart,
  type Runs,
  type SegmentAlgorithm,
} from '@ohif-medsam/protocol';
import { LRUCache } from 'lru-cache';
import { joinedMasks, type Author, type Documents } from '../segmentation/index.ts';
import { imagesAround, type OpenSeries, type WholeSeries } from '../series/openSeries.ts';
import { writeMasks, type MaskWriter } from './maskWriter.ts';
import { planeMaskOf } from './planeMask.ts';
import type { PropagationEnd, propagate, PropagationTask, RunningPropagation } from './propagate.ts';
import { planesWithout, staleMasks } from './stale.ts';
import { isAnchorOf, type PropagatedPlane } from './walk.ts';
import { whereItStood } from './whereItStood.ts';

export interface PropagationPorts {
  readonly documents: Documents;
  readonly propagate: ReturnType<typeof propagate>;
  readonly algorithmOf: (modelId: string | undefined) => SegmentAlgorithm;
  /** Whether a person has a series open, be it another one. */
  readonly isHere: (participantId: string) => boolean;
  /** Whose person is away for longer ends while it is paused: a running one waits as long for a slice. */
  readonly awayMs: number;
}

/** What a propagation says while it runs. */
export interface PropagationReporter {
  progress(progress: PropagationProgress): void;
  ended(end: PropagationEnded): void;
  /** Planes whose pixels are needed soon, nearest first. */
  wanted(planes: readonly Plane[]): void;
  /** A failure that nobody waits for; the masks so far stay. */
  failed(error: unknown): void;
}

/** Propagations that one person may run at once: the engine is everybody's. */
const MOST_AT_ONCE = 4;

/** How often somebody is looked for whose propagation is paused. */
const LOOK_MS = 500;

interface Running {
  readonly stop: AbortController;
  readonly authorId: string;
  readonly report: PropagationReporter;
  progress: PropagationProgress;
  /** While it is paused: aborts when it goes on. */
  pause?: AbortController;
}

type Task = Required<Pick<PropagationTask, 'isAnchor' | 'maskOn'>> &
  PropagationTask & {
    /** What the former propagation from the same plane left on a plane, which this one takes the place of. */
    readonly formerOn: (plane: Plane) => Runs;
  };

/** The propagations that run now, and the way of their masks into the documents: one step of history each. */
export class Propagations {
  readonly #ports: PropagationPorts;
  readonly #running = new Map<string, Running>();
  readonly #ends = new Set<Promise<void>>();
  /** Those that ended here: of one whose end could not be written the document goes on to say that more was to come. */
  readonly #ended = new LRUCache<string, true>({ max: 1000 });
  #closed = false;

  constructor(ports: PropagationPorts) {
    this.#ports = ports;
  }

  in(seriesUid: string): PropagationProgress[] {
    return [...this.#running.values()].map(({ progress }) => progress).filter((p) => p.seriesUid === seriesUid);
  }

  /** What the server did not live to finish, and how far it came. */
  interruptedIn(series: WholeSeries): PropagationEnded[] {
    const { seriesUid } = series;
    const running = this.in(seriesUid).map(({ segmentId }) => segmentId);
    return this.#ports.documents
      .unfinished(seriesUid)
      .filter(({ segmentId, propagationId }) => !running.includes(segmentId) && !this.#ended.has(propagationId))
      .map((left) => {
        const around = imagesAround(series, left.plane);
        return whereItStood(seriesUid, left, planesAlong(left.plane, around), around.columns);
      });
  }

  /**
   * Resolves once it runs. What can be known to fail is refused here, where somebody waits for the answer.
   * @throws AppError `propagation-running`, `propagation-empty`, `segment-unknown`, `segment-approved`, `slice-missing`,
   *   `model-unknown`, `model-invalid`, `series-mixed`, `engine-busy`
   */
  async start(start: PropagationStart, series: OpenSeries, author: Author, report: PropagationReporter): Promise<void> {
    const { seriesUid, propagationId, segmentId } = start;
    if (this.#running.has(propagationId) || this.in(seriesUid).some((other) => other.segmentId === segmentId))
      throw new AppError('propagation-running');
    if ([...this.#running.values()].filter(({ authorId }) => authorId === author.id).length >= MOST_AT_ONCE)
      throw new AppError('engine-busy', `${String(MOST_AT_ONCE)} propagations of yours are running already.`);
    if (this.#closed) throw new AppError('cancelled');
    const algorithm = this.#ports.algorithmOf(start.modelId);
    const stop = new AbortController();
    const progress = { seriesUid, propagationId, segmentId, done: 0, total: 0, paused: false };
    const running: Running = { stop, authorId: author.id, report, progress };
    this.#running.set(propagationId, running);
    try {
      const untilResumed = async (signal: AbortSignal) => this.#untilResumed(running, signal);
      const task = { ...(await this.#taskOf(start, series, author, report)), client: author.id, untilResumed };
      const planes = this.#ports.propagate(task, stop.signal);
      running.progress = { ...progress, total: planes.total };
      const journal = writeMasks(this.#ports.documents, start, algorithm, author);
      const end = this.#ports.documents
        .hold(seriesUid, () => this.#run(running, planes, task, series, journal))
        .catch((error: unknown) => {
          report.failed(error);
          this.#end(running, endOf(start, 'failed'), error);
        })
        .finally(() => this.#ends.delete(end));
      this.#ends.add(end);
    } catch (error) {
      this.#running.delete(propagationId);
      throw error;
    }
  }

  /** What has arrived stays. @throws AppError `propagation-unknown` */
  cancel(propagationId: string): void {
    this.#named(propagationId).stop.abort();
  }

  /**
   * The mask that is being computed still arrives; then the engine is free for others. One whose person is away for long ends.
   * @throws AppError `propagation-unknown`
   */
  pause(propagationId: string): void {
    const running = this.#named(propagationId);
    running.pause ??= new AbortController();
    this.#tell(running, { paused: true });
  }

  /** @throws AppError `propagation-unknown` */
  resume(propagationId: string): void {
    const running = this.#named(propagationId);
    running.pause?.abort();
    delete running.pause;
    this.#tell(running, { paused: false });
  }

  #named(propagationId: string): Running {
    const running = this.#running.get(propagationId);
    if (!running) throw new AppError('propagation-unknown');
    return running;
  }

  #tell(running: Running, news: Partial<PropagationProgress>): void {
    running.progress = { ...running.progress, ...news };
    running.report.progress(running.progress);
  }

  async #untilResumed({ pause, stop, authorId }: Running, ended: AbortSignal): Promise<void> {
    const { isHere, awayMs } = this.#ports;
    if (!pause) return;
    const signal = AbortSignal.any([pause.signal, ended]);
    for (let seen = Date.now(); !signal.aborted;) {
      await setTimeout(Math.min(LOOK_MS, awayMs), undefined, { signal }).catch(() => undefined);
      if (isHere(authorId)) seen = Date.now();
      else if (Date.now() - seen >= awayMs) stop.abort();
    }
  }

  /** Ends all in the middle: what they found is written, and that they are unfinished. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { stop } of this.#running.values()) stop.abort();
    await Promise.all(this.#ends);
  }

  async #taskOf(start: PropagationStart, series: OpenSeries, author: Author, report: PropagationReporter) {
    const { documents } = this.#ports;
    const { segments } = await documents.settled(start.seriesUid);
    const segment = segments.find(({ id }) => id === start.segmentId);
    if (!segment) throw new AppError('segment-unknown');
    if (segment.review.status === 'approved') throw new AppError('segment-approved');
    const cut = (plane: Plane, on: (frame: FrameKey) => Runs | undefined) =>
      planeMaskOf(plane, on, series.frameKeys, series);
    // Looked at with each plane: people go on working.
    const now = () => documents.segmentNow(start.seriesUid, start.segmentId);
    // What this one takes the place of does not count: nothing is done there.
    const rivals = (await documents.propagations(start.seriesUid, start.segmentId)).filter(
      (other) => other.author === author.id && planeKeyOf(other.plane) === planeKeyOf(start.plane),
    );
    const former = new Map(joinedMasks(rivals.flatMap(({ masks }) => masks)).map(({ frame, runs }) => [frame, runs]));
    const formerOn = (plane: Plane) => cut(plane, (frame) => former.get(frame));
    const isAnchor = (plane: Plane) => now().isDecided(plane);
    const maskOn = (plane: Plane) => {
      const runs = cut(plane, (frame) => now().on(frame));
      return isAnchor(plane) ? runs : subtract(runs, formerOn(plane));
    };
    return {
      start,
      series,
      frames: series.frames,
      planes: planesAlong(start.plane, series),
      mask: cut(start.plane, (frame) => now().on(frame)),
      isAnchor,
      maskOn,
      decisionsOn: (plane: Plane) => ({
        boxes: now()
          .boxes(plane)
          .map((masks) => cut(plane, (frame) => masks.find((mask) => mask.frame === frame)?.runs)),
        added: cut(plane, (frame) => now().added(frame)),
        erased: cut(plane, (frame) => now().erased(frame)),
      }),
      formerOn,
      onWanted: (wanted: readonly Plane[]) => report.wanted(wanted),
    };
  }

  async #run(
    running: Running,
    walking: RunningPropagation,
    task: Task,
    series: OpenSeries,
    journal: MaskWriter,
  ): Promise<void> {
    const { report } = running;
    const toFrames = (plane: Plane, runs: Runs) => planeMaskToFrames(plane, runs, series.frameKeys, series);
    const found: PropagatedPlane[] = [];
    let end: PropagationEnd = endOf(task.start, 'failed');
    try {
      for (;;) {
        const next = await walking.planes.next();
        if (next.done) {
          end = next.value;
          break;
        }
        const { plane, runs, course, doubt } = next.value;
        found.push(next.value);
        const masks = this.#without(task, 'erased', toFrames(plane, runs));
        const former = this.#without(task, 'kept', toFrames(plane, task.formerOn(plane)));
        const finding = doubt ? { plane, doubt } : { plane, score: course.certainty };
        journal.add({
          masks,
          findings: masks.length > 0 ? [finding] : [],
          cleared: former.length > 0 ? [{ plane, masks: former }] : [],
        });
        this.#tell(running, { done: running.progress.done + 1 });
      }
      if (!this.#closed) journal.add({ cleared: await this.#stale(task, walking, found, end, series) });
      await journal.end(this.#closed);
      if (end.error) report.failed(end.error);
      this.#end(running, end, end.error);
    } catch (error) {
      await walking.planes.return(end).catch(() => undefined);
      report.failed(error);
      this.#end(running, endOf(task.start, 'failed'), error);
    }
  }

  /** What older propagations left where this one found that the object is not. What a person decided meanwhile counts. */
  async #stale(
    task: Task,
    { ways }: RunningPropagation,
    found: readonly PropagatedPlane[],
    end: PropagationEnd,
    series: OpenSeries,
  ) {
    const { documents } = this.#ports;
    const { seriesUid, segmentId, propagationId, plane } = task.start;
    const others = await documents.propagations(seriesUid, segmentId);
    const older = others.filter((other) => other.propagationId !== propagationId);
    const runsOn = new Map(found.map((one) => [planeKeyOf(one.plane), one.runs]));
    const keys = new Set(runsOn.keys());
    const without = ([end.forward, end.backward] as const).flatMap((reason, way) => {
      const ahead = ways[way] ?? [];
      const last = ahead.findLast((at) => keys.has(planeKeyOf(at)));
      const carried = (last && runsOn.get(planeKeyOf(last))) ?? task.mask;
      const leads = (at: Plane) => isAnchorOf(task, carried, at);
      return planesWithout(ahead, keys, reason, leads).filter((at) => !task.isAnchor(at));
    });
    const stale = staleMasks(without, [{ plane, runs: task.mask }, ...found], older, series);
    return stale.map((left) => ({ ...left, masks: this.#without(task, 'kept', left.masks) }));
  }

  /** [DOC-21] Masks without what persons took out by hand, or what is there without propagations. */
  #without({ start }: Task, pixels: 'kept' | 'erased', masks: readonly FrameMask[]): FrameMask[] {
    const now = this.#ports.documents.segmentNow(start.seriesUid, start.segmentId);
    return masks
      .map(({ frame, runs }) => ({ frame, runs: subtract(runs, now[pixels](frame)) }))
      .filter(({ runs }) => runs.length > 0);
  }

  #end({ progress, report }: Running, { forward, backward }: PropagationEnd, error: unknown): void {
    const { seriesUid, propagationId, segmentId, done: planes } = progress;
    this.#running.delete(propagationId);
    this.#ended.set(propagationId, true);
    const failure = error !== undefined && { error: toWireError(error) };
    report.ended({ seriesUid, propagationId, segmentId, planes, forward, backward, ...failure });
  }
}

/** Every plane of the series in the direction of this one, in their order. */
function planesAlong(plane: Plane, series: OpenSeries): Plane[] {
  const { axis } = plane;
  if (axis !== 'k') {
    const count = axis === 'i' ? series.columns : series.rows;
    return Array.from({ length: count }, (_, index) => ({ axis, index }));
  }
  // A localizer holds images of several directions: what lies across shows the object elsewhere.
  const own = series.frames.find((frame) => frameKeyOf(frame) === plane.frame);
  const stack = series.isStack ? series.frames : sortFrames(series.frames.filter((f) => own && areParallel(f, own)));
  return stack.map((frame) => ({ axis, frame: frameKeyOf(frame) }));
}

const endOf = ({ direction }: PropagationStart, reason: 'failed'): PropagationEnd => ({
  forward: direction === 'backward' ? null : reason,
  backward: direction === 'forward' ? null : reason,
});
