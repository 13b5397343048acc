import { planeKeyOf, type Plane, type WindowChoice } from '@ohif-medsam/protocol';
import type { InferenceEngine } from '../ports/inferenceEngine.ts';
import type { SliceStore } from '../ports/sliceStore.ts';
import { windowSlice, type SeriesFacts } from './window.ts';

/** What one page looks at, and how it asked last. */
interface Page {
  modelId?: string;
  readonly windows: Map<string, WindowChoice>;
  seen?: { readonly what: string; readonly controller: AbortController };
}

/**
 * Prepares the slice that each page looks at, for models with an embedding: the first box on it is then as fast as the next.
 * The model and the window are those that the page asked with last. Looking elsewhere takes what still waits out of the queue.
 *
 * It is a guess: what fails is not told to anybody, since whoever draws a box hears of it.
 * @param ports.sliceTimeoutMs - So long a slice may take to arrive after somebody looked at it.
 */
export function visibleSlices(ports: {
  readonly slices: SliceStore;
  readonly engine: InferenceEngine;
  readonly sliceTimeoutMs: number;
}) {
  const pages = new Map<string, Page>();
  const pageOf = (pageId: string): Page => {
    const page = pages.get(pageId) ?? { windows: new Map<string, WindowChoice>() };
    pages.set(pageId, page);
    return page;
  };

  async function prepare(seriesUid: string, plane: Plane, facts: SeriesFacts, request: Request): Promise<void> {
    const { window, ...asked } = request;
    const slice = await ports.slices.awaitLatest(seriesUid, plane, ports.sliceTimeoutMs, asked.signal);
    const { image } = windowSlice(slice, window, facts);
    await ports.engine.prepare({ ...asked, image, priority: 'visible' });
  }

  return {
    /** The page shows this plane now; undefined: none. */
    look(pageId: string, seriesUid: string, plane: Plane | undefined, facts: SeriesFacts): void {
      const page = pageOf(pageId);
      const modelId = page.modelId ?? ports.engine.defaultModelId;
      const window = page.windows.get(seriesUid) ?? ({ kind: 'auto' } as const);
      const what = plane ? JSON.stringify([seriesUid, planeKeyOf(plane), modelId, window]) : '';
      // A page says again where it is while a box is drawn there.
      if (page.seen?.what === what) return;
      page.seen?.controller.abort();
      const controller = new AbortController();
      page.seen = { what, controller };
      if (!plane || !ports.engine.hasEmbedding(modelId)) return;
      prepare(seriesUid, plane, facts, { modelId, window, client: pageId, signal: controller.signal }).catch(
        () => undefined,
      );
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

interface Request {
  readonly modelId: string;
  readonly window: WindowChoice;
  readonly client: string;
  readonly signal: AbortSignal;
}

export type VisibleSlices = ReturnType<typeof visibleSlices>;
