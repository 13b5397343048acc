import {
  AppError,
  frameKeyOf,
  planeKeyOf,
  planeMaskToFrames,
  sortFrames,
  toWireError,
  type Plane,
  type PropagationEnded,
  type PropagationProgress,
  type PropagationStart,
  type SegmentAlgorithm,
} from '@ohif-medsam/protocol';
import type { Author, Documents } from '../segmentation/index.ts';
import type { OpenSeries } from '../series/openSeries.ts';
import { areParallel } from '../series/parallel.ts';
import { writeMasks, type MaskWriter } from './maskWriter.ts';
import { planeMaskOf } from './planeMask.ts';
import type { PropagationEnd, propagate, RunningPropagation } from './propagate.ts';
import { whereItStood } from './whereItStood.ts';

export interface PropagationPorts {
  readonly documents: Documents;
  readonly propagate: ReturnType<typeof propagate>;
  readonly algorithmOf: (modelId: string | undefined) => SegmentAlgorithm;
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

interface Running {
  readonly stop: AbortController;
  readonly authorId: string;
  progress: PropagationProgress;
}

/** The propagations that run now, and the way of their masks into the documents: one step of history each. */
export class Propagations {
  readonly #ports: PropagationPorts;
  readonly #running = new Map<string, Running>();
  readonly #ends = new Set<Promise<void>>();
  #closed = false;

  constructor(ports: PropagationPorts) {
    this.#ports = ports;
  }

  in(seriesUid: string): PropagationProgress[] {
    return [...this.#running.values()].map(({ progress }) => progress).filter((p) => p.seriesUid === seriesUid);
  }

  /** What the server did not live to finish, and how far it came. */
  interruptedIn(series: OpenSeries): PropagationEnded[] {
    const { seriesUid, columns } = series;
    const running = this.in(seriesUid).map(({ segmentId }) => segmentId);
    return this.#ports.documents
      .unfinished(seriesUid)
      .filter(({ segmentId }) => !running.includes(segmentId))
      .map((left) => whereItStood(seriesUid, left, planesAlong(left.plane, series), columns));
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
    const progress = { seriesUid, propagationId, segmentId, done: 0, total: 0 };
    const running: Running = { stop, authorId: author.id, progress };
    this.#running.set(propagationId, running);
    try {
      const planes = this.#ports.propagate(
        { ...(await this.#taskOf(start, series, report)), client: author.id },
        stop.signal,
      );
      running.progress = { ...progress, total: planes.total };
      const journal = writeMasks(this.#ports.documents, start, algorithm, author);
      const end = this.#run(running, planes, start, series, journal, report)
        .catch((error: unknown) => report.failed(error))
        .finally(() => this.#ends.delete(end));
      this.#ends.add(end);
    } catch (error) {
      this.#running.delete(propagationId);
      throw error;
    }
  }

  /** What has arrived stays. @throws AppError `propagation-unknown` */
  cancel(propagationId: string): void {
    const running = this.#running.get(propagationId);
    if (!running) throw new AppError('propagation-unknown');
    running.stop.abort();
  }

  /** Ends all in the middle: what they found is written, and that they are unfinished. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { stop } of this.#running.values()) stop.abort();
    await Promise.all(this.#ends);
  }

  async #taskOf(start: PropagationStart, series: OpenSeries, report: PropagationReporter) {
    const { segments, cells } = await this.#ports.documents.settled(start.seriesUid);
    const segment = segments.find(({ id }) => id === start.segmentId);
    if (!segment) throw new AppError('segment-unknown');
    if (segment.review.status === 'approved') throw new AppError('segment-approved');
    const runs = new Map(cells.filter((c) => c.segmentId === start.segmentId).map((c) => [c.frame, c.runs]));
    const maskOn = (plane: Plane) => planeMaskOf(plane, (frame) => runs.get(frame), series.frameKeys, series);
    const anchors = await this.#ports.documents.anchors(start.seriesUid, start.segmentId);
    return {
      start,
      series,
      planes: planesAlong(start.plane, series),
      mask: maskOn(start.plane),
      anchors: new Set(anchors.map(planeKeyOf)),
      maskOn,
      onWanted: (wanted: readonly Plane[]) => report.wanted(wanted),
    };
  }

  async #run(
    running: Running,
    found: RunningPropagation,
    start: PropagationStart,
    series: OpenSeries,
    journal: MaskWriter,
    report: PropagationReporter,
  ): Promise<void> {
    let end: PropagationEnd = endOf(start, 'failed');
    try {
      for (;;) {
        const next = await found.planes.next();
        if (next.done) {
          end = next.value;
          break;
        }
        const { plane, runs } = next.value;
        journal.add(planeMaskToFrames(plane, runs, series.frameKeys, series));
        running.progress = { ...running.progress, done: running.progress.done + 1 };
        report.progress(running.progress);
      }
      await journal.end(this.#closed);
      if (end.error) report.failed(end.error);
      this.#end(running, end, end.error, report);
    } catch (error) {
      await found.planes.return(end).catch(() => undefined);
      report.failed(error);
      this.#end(running, endOf(start, 'failed'), error, report);
    }
  }

  #end(
    { progress }: Running,
    { forward, backward }: PropagationEnd,
    error: unknown,
    report: PropagationReporter,
  ): void {
    const { seriesUid, propagationId, segmentId, done: planes } = progress;
    this.#running.delete(propagationId);
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
