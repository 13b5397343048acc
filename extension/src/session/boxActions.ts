import {
  LIMITS,
  type Box,
  type ClientOperation,
  type Plane,
  type Points,
  type PromptAnswer,
} from '@ohif-medsam/protocol';
import { boxToCorrect, corrected, type Pixel, type PointKind } from './corrections.ts';
import { chosenModel } from './models.ts';
import type { Notices, Server, Slices } from './ports.ts';
import type { Store } from './store.ts';
import { createTelling } from './telling.ts';

interface Ports {
  readonly store: Store;
  readonly server: Server;
  readonly slices: Slices;
  readonly notices: Notices;
  readonly apply: (title: string, operation: ClientOperation, seriesUid: string) => Promise<unknown>;
  readonly reveal: (segmentId: string) => void;
  /** The segment that the first boxes of a series make for themselves. */
  readonly firstSegment: (seriesUid: string) => Promise<string | undefined>;
}

const countOf = ({ inside, outside }: Points): number => inside.length + outside.length;

/** What a user can do with boxes and the masks that they make. */
export function createBoxActions({ store, server, slices, notices, apply, reveal, firstSegment }: Ports) {
  const seriesUid = () => store.getState().series?.seriesUid ?? '';
  const telling = createTelling(notices);
  /** What was asked last for each box that waits. */
  const asked = new Map<string, Promise<PromptAnswer | undefined>>();

  async function segmentBox(promptId: string, plane: Plane, box: Box, points?: Points): Promise<void> {
    const series = seriesUid();
    const correcting = points && { points };
    const known = store.getState().document?.prompts.find((prompt) => prompt.promptId === promptId);
    store.dispatch({ kind: 'prompt-sent', promptId, placed: { plane, box, ...correcting } });
    const mine = telling('MedSAM could not segment', async () => {
      const segmentId = known?.segmentId ?? store.getState().activeSegmentId ?? (await firstSegment(series));
      if (segmentId === undefined) return undefined;
      reveal(segmentId);
      const { window, modelId } = store.getState();
      return slices.using(plane, (sliceHash) =>
        server.request('prompt:segment', {
          seriesUid: series,
          promptId,
          segmentId,
          plane,
          sliceHash,
          box,
          ...correcting,
          window,
          ...(modelId === null ? {} : { modelId }),
        }),
      );
    });
    asked.set(promptId, mine);
    const answer = await mine;
    // The box was moved again meanwhile, and waits for that answer now; or it was deleted.
    if (asked.get(promptId) !== mine) return;
    asked.delete(promptId);
    if (series !== seriesUid()) return;
    store.dispatch({ kind: 'prompt-ended', promptId, ...(answer ? { answer } : {}) });
    if (answer?.pixels === 0)
      notices.info(
        'Nothing found',
        'The model found nothing in this box. Draw it a little larger, or choose another window.',
      );
    else if (points && answer && answer.missedPoints > 0)
      notices.info(
        'Not as you clicked',
        `The model does not follow ${String(answer.missedPoints)} of ${String(countOf(points))} clicks. Undo, move the box, or use brush and eraser.`,
      );
  }

  /** A click corrects the mask of one's own box on that plane: the box is asked about again, with all its clicks. */
  async function correctMask(plane: Plane, point: Pixel, kind: PointKind): Promise<void> {
    const state = store.getState();
    const model = chosenModel(state);
    if (model?.takesPoints === false)
      return notices.info(`${model.title} takes boxes only`, 'Choose another model, or use brush and eraser.');
    const box = boxToCorrect(state, plane, point);
    if (!box)
      return notices.info(
        'No box here',
        'The segment you work on has no box of yours on this slice. Draw one first: then clicks correct its mask.',
      );
    const mended = corrected(box, point, kind);
    if (countOf(mended.points) > LIMITS.pointsPerBox)
      return notices.info('Too many clicks', 'Move the box, which begins anew, or use brush and eraser.');
    // A click on the same pixel again says nothing new.
    if (JSON.stringify(mended.points) !== JSON.stringify(box.points))
      await segmentBox(box.id, plane, mended.box, mended.points);
  }

  /** A box that waits is deleted once its answer is in the document: before, there is nothing to delete there. */
  async function deletePrompt(promptId: string): Promise<void> {
    const series = seriesUid();
    const underWay = asked.get(promptId);
    asked.delete(promptId);
    store.dispatch({ kind: 'prompt-ended', promptId });
    const isKnown = store.getState().document?.prompts.some((prompt) => prompt.promptId === promptId) ?? false;
    if ((await underWay) !== undefined || isKnown)
      await apply('Box not removed', { kind: 'prompt:delete', promptId }, series);
  }

  return { segmentBox, correctMask, deletePrompt };
}
