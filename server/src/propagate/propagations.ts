import { randomUUID } from 'node:crypto';
import {
  AppError,
  planeMaskToFrames,
  type FrameMask,
  type Plane,
  type PropagationEnded,
  type PropagationProgress,
  type PropagationStart,
  type SegmentAlgorithm,
} from '@ohif-medsam/protocol';
import type { Author, Documents } from '../segmentation/index.ts';
import type { OpenSeries } from '../series/openSeries.ts';
import { planeMaskOf } from './planeMask.ts';
import type { PropagationEnd, propagate, RunningPropagation } from './propagate.ts';

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

interface Running {
  readonly stop: AbortController;
  progress: PropagationProgress;
}

/** The propagations that run now, and the way of their masks into the documents: one step of history each. */
export class Propagations {
  readonly #ports: PropagationPorts;
  readonly #running = new Map<string, Running>();

  constructor(ports: PropagationPorts) {
    this.#ports = ports;
  }

  in(seriesUid: string): PropagationProgress[] {
    return [...this.#running.values()].map(({ progress }) => progress).filter((p) => p.seriesUid === seriesUid);
  }

  /**
   * Resolves once it runs.
   * @throws AppError `propagation-running`, `propagation-empty`, `segment-unknown`, `segment-approved`, `slice-missing`
   */
  async start(start: PropagationStart, series: OpenSeries, author: Author, report: PropagationReporter): Promise<void> {
    const { seriesUid, propagationId, segmentId } = start;
    if (this.in(seriesUid).some((other) => other.segmentId === segmentId)) throw new AppError('propagation-running');
    const stop = new AbortController();
    const progress = { seriesUid, propagationId, segmentId, done: 0, total: 0 };
    const running: Running = { stop, progress };
    this.#running.set(propagationId, running);
    try {
      const planes = this.#ports.propagate(await this.#taskOf(start, series, report), stop.signal);
      running.progress = { ...progress, total: planes.total };
      void this.#run(running, planes, start, series, author, report);
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

  cancelAll(): void {
    for (const { stop } of this.#running.values()) stop.abort();
  }

  async #taskOf(start: PropagationStart, series: OpenSeries, report: PropagationReporter) {
    const { segments, cells } = await this.#ports.documents.snapshot(start.seriesUid);
    const segment = segments.find(({ id }) => id === start.segmentId);
    if (!segment) throw new AppError('segment-unknown');
    if (segment.review.status === 'approved') throw new AppError('segment-approved');
    const runs = new Map(cells.filter((c) => c.segmentId === start.segmentId).map((c) => [c.frame, c.runs]));
    const mask = planeMaskOf(start.plane, (frame) => runs.get(frame), series.frameKeys, series);
    return {
      start,
      series,
      planes: planesAlong(start.plane, series),
      mask,
      onWanted: (wanted: readonly Plane[]) => report.wanted(wanted),
    };
  }

  async #run(
    running: Running,
    found: RunningPropagation,
    start: PropagationStart,
    series: OpenSeries,
    author: Author,
    report: PropagationReporter,
  ): Promise<void> {
    const journal = this.#journal(start, author);
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
      await journal.flush();
    } catch (error) {
      await found.planes.return(end).catch(() => undefined);
      report.failed(error);
    } finally {
      this.#running.delete(start.propagationId);
      const { seriesUid, propagationId, segmentId, done } = running.progress;
      report.ended({ seriesUid, propagationId, segmentId, planes: done, ...end });
    }
  }

  /**
   * Writes masks to the document while the next ones are being found. What arrives during a write goes with the next one, so
   * a slow disk makes fewer, larger writes instead of a slow propagation.
   */
  #journal({ seriesUid, propagationId, segmentId, plane, modelId }: PropagationStart, author: Author) {
    const algorithm = this.#ports.algorithmOf(modelId);
    let waiting: FrameMask[] = [];
    let writing: Promise<void> | undefined;
    let failure: { readonly error: unknown } | undefined;
    const write = async () => {
      while (waiting.length > 0 && !failure) {
        const masks = waiting;
        waiting = [];
        const operation = { kind: 'propagation', propagationId, segmentId, plane, masks, algorithm } as const;
        try {
          await this.#ports.documents.apply(seriesUid, author, randomUUID(), operation);
        } catch (error) {
          failure = { error };
        }
      }
      writing = undefined;
    };
    const rethrow = () => {
      if (failure) throw failure.error;
    };
    return {
      /** @throws what the write before ended with. */
      add(masks: readonly FrameMask[]): void {
        rethrow();
        waiting.push(...masks);
        writing ??= write();
      },
      async flush(): Promise<void> {
        await writing;
        rethrow();
      },
    };
  }
}

/** Every plane of the series along an axis, in the order of its index. */
function planesAlong({ axis }: Plane, series: OpenSeries): Plane[] {
  if (axis === 'k') return series.frameKeys.map((frame) => ({ axis, frame }));
  const count = axis === 'i' ? series.columns : series.rows;
  return Array.from({ length: count }, (_, index) => ({ axis, index }));
}

const endOf = ({ direction }: PropagationStart, reason: 'failed'): PropagationEnd => ({
  forward: direction === 'backward' ? null : reason,
  backward: direction === 'forward' ? null : reason,
});
