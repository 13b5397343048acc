import type { PreviewAnswer } from '@ohif-medsam/protocol';
import { modelToAccept } from './models.ts';
import type { Server, Slices } from './ports.ts';
import type { PlacedBox } from './state.ts';
import type { Store } from './store.ts';

/** A box in the hand, and where it lies by now. */
export interface DraggedBox extends PlacedBox {
  readonly promptId: string;
}

interface Ports {
  readonly store: Store;
  readonly server: Server;
  readonly slices: Slices;
  /** Draws a mask for a box that is still in the hand. */
  readonly show: (dragged: DraggedBox, mask: PreviewAnswer) => void;
}

/**
 * The mask that follows a box while it is dragged. One question is on its way at a time, and the next is about where the box is by
 * then: the hand is never ahead by more than one answer, however slow the model. What fails is left out: releasing the box tells.
 */
export function createPreviews({ store, server, slices, show }: Ports) {
  let inHand: DraggedBox | undefined;
  let asking = false;

  async function ask(asked: DraggedBox): Promise<void> {
    asking = true;
    const mask = await maskOf(asked).catch(() => undefined);
    asking = false;
    // Before this mask is drawn: the server works meanwhile.
    if (inHand && inHand !== asked) void ask(inHand);
    // Let go meanwhile, or another box: its mask is not this one.
    if (mask && inHand?.promptId === asked.promptId) show(asked, mask);
  }

  function maskOf({ promptId, plane, box }: DraggedBox): Promise<PreviewAnswer> {
    const { series, window, modelId } = store.getState();
    const chosen = modelId === null ? {} : { modelId };
    const seriesUid = series?.seriesUid ?? '';
    return slices.using(plane, (sliceHash) =>
      server.request('prompt:preview', { seriesUid, promptId, plane, sliceHash, box, window, ...chosen }),
    );
  }

  return {
    dragged: (box: DraggedBox): void => {
      // A pointer moves in finer steps than pixels.
      if (JSON.stringify(box) === JSON.stringify(inHand)) return;
      const state = store.getState();
      const segment = state.document?.segments.find(({ id }) => id === state.activeSegmentId);
      // What would be refused on release is not promised before.
      if (!state.me || segment?.review.status === 'approved' || modelToAccept(state)) return;
      inHand = box;
      if (!asking) void ask(box);
    },
    ended: (): void => {
      inHand = undefined;
    },
  };
}
