import { aheadFirst, planeKeyOf, type Direction, type Plane, type WindowChoice } from '@ohif-medsam/protocol';
import type { InferenceEngine, Priority } from '../ports/inferenceEngine.ts';
import type { SliceStore } from '../ports/sliceStore.ts';
import type { OpenSeries } from '../series/openSeries.ts';
import type { PulledSlices } from '../series/pullSlices.ts';
import { windowSlice } from './window.ts';

/** What one page looks at, and how it asked last. */
interface Page {
  modelId?: string;
  readonly windows: Map<string, WindowChoice>;
  seen?: Seen;
}

interface Seen {
  readonly what: string;
  readonly seriesUid: string;
  /** Of the frame; -1 for a plane across the frames. */
  readonly index: number;
  readonly direction: Direction;
  readonly controller: AbortController;
}

/** So many slices are prepared beyond the one that a page looks at. */
const AHEAD = 6;

/**
 * A model that takes longer for one slice prepares none ahead: a prompt that comes meanwhile has to wait until that one is done,
 * and nobody should feel it.
 */
const QUICK_MS = 250;
/** A slice that took no longer was there already. */
const LITTLE_MS = 1;

/**
 * Reads the slice that each page looks at where the server reads pixels, and prepares it for models with an embedding: the first box
 * on it is then as fast as the next; and, where that is quick, those that one scrolls to. The model and the window are those that the page asked with last.
 * Looking elsewhere takes what still waits out of the queues.
 *
 * It is a guess: what fails is not told to anybody, since whoever draws a box hears of it.
 * @param ports.sliceTimeoutMs - So long a slice may take to arrive after somebody looked at it.
 */
export function visibleSlices(ports: {
  readonly slices: SliceStore;
  readonly engine: InferenceEngine;
  readonly pulled: Pick<PulledSlices, 'bring'>;
  readonly sliceTimeoutMs: number;
}) {
  const pages = new Map<string, Page>();
  const pageOf = (pageId: string): Page => {
    const page = pages.get(pageId) ?? { windows: new Map<string, WindowChoice>() };
    pages.set(pageId, page);
    return page;
  };

  /** How long a model took for the last slice that it had not prepared before. */
  const took = new Map<string, number>();

  async function prepare(request: Request, plane: Plane, priority: Priority): Promise<void> {
    const { series, window, ...asked } = request;
    const slice = await ports.slices.awaitLatest(series.seriesUid, plane, ports.sliceTimeoutMs, asked.signal);
    const { image } = windowSlice(slice, window, series);
    const ms = await ports.engine.prepare({ ...asked, image, priority });
    if (ms > LITTLE_MS) took.set(asked.modelId, ms);
  }

  async function prepareAround(request: Request, plane: Plane, ahead: readonly Plane[]): Promise<void> {
    await prepare(request, plane, 'visible');
    if ((took.get(request.modelId) ?? Infinity) > QUICK_MS) return;
    // All at once, since a GPU takes several in one run.
    const coming = ahead.map(async (next) => {
      await ports.pulled.bring(request.series, [next], request.signal);
      await prepare(request, next, 'prefetch');
    });
    await Promise.allSettled(coming);
  }

  return {
    /** The page shows this plane of a series now; undefined: none. */
    look(pageId: string, series: OpenSeries, plane: Plane | undefined): void {
      const page = pageOf(pageId);
      const modelId = page.modelId ?? ports.engine.defaultModelId;
      const window = page.windows.get(series.seriesUid) ?? ({ kind: 'auto' } as const);
      const what = plane ? JSON.stringify([series.seriesUid, planeKeyOf(plane), modelId, window]) : '';
      // A page says again where it is while a box is drawn there.
      if (page.seen?.what === what) return;
      page.seen?.controller.abort();
      const controller = new AbortController();
      const index = plane?.axis === 'k' ? series.frameKeys.indexOf(plane.frame) : -1;
      const direction = scrolled(page.seen, series, index);
      page.seen = { what, seriesUid: series.seriesUid, index, direction, controller };
      if (!plane) return;
      void ports.pulled.bring(series, [plane], controller.signal);
      if (!ports.engine.hasEmbedding(modelId)) return;
      const request = { series, modelId, window, client: pageId, signal: controller.signal };
      prepareAround(request, plane, aheadOf(series, index, direction)).catch(() => undefined);
    },
    /** The page asked for a mask in this way. */
    asked(pageId: string, seriesUid: string, modelId: string | undefined, window: WindowChoice): void {
      const page = pageOf(pageId);
      if (modelId !== undefined) page.modelId = modelId;
      page.windows.set(seriesUid, window);
    },
    leave(pageId: string): void {
      pages.get(pageId)?.seen?.controller.abort();
      pages.delete(pageId);
    },
  };
}

/** As before where one stays; unknown where one comes from another series or a plane across the frames. */
function scrolled(seen: Seen | undefined, { seriesUid }: OpenSeries, index: number): Direction {
  if (seen?.seriesUid !== seriesUid || seen.index < 0 || index < 0) return 0;
  return (Math.sign(index - seen.index) as Direction) || seen.direction;
}

/** Frames in the order in which viewers push them, so that the next one is there first. */
function aheadOf({ frameKeys }: OpenSeries, index: number, direction: Direction): Plane[] {
  const visible = frameKeys[index];
  if (visible === undefined) return [];
  const near = frameKeys.slice(Math.max(0, index - AHEAD), index + AHEAD + 1);
  const [, ...others] = aheadFirst(near, visible, direction);
  return others.slice(0, AHEAD).map((frame) => ({ axis: 'k', frame }));
}

interface Request {
  readonly series: OpenSeries;
  readonly modelId: string;
  readonly window: WindowChoice;
  readonly client: string;
  readonly signal: AbortSignal;
}

export type VisibleSlices = ReturnType<typeof visibleSlices>;
