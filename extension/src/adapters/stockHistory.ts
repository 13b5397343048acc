import { utilities } from '@cornerstonejs/core';
import { isSegmentationId } from '../id.ts';
import type { ViewerHistory } from '../session/stepOrder.ts';

const history = utilities.HistoryMemo.DefaultHistoryMemo;

type Step = Parameters<Parameters<typeof history.undoIf>[0]>[0];
/** A stroke as cornerstone's tools remember it. */
type Memo = Exclude<Step, readonly unknown[]> & { readonly segmentationId?: string };

const isStroke = (step: Step): boolean =>
  memosOf(step).every(({ segmentationId }) => isSegmentationId(segmentationId ?? ''));

const memosOf = (step: Step): readonly Memo[] => (Array.isArray(step) ? step : [step]);

/**
 * Takes the newest strokes in our labelmaps out of the viewer's own history, without taking them back: they are steps of the
 * document, and undoing them a second time, on this page only, would bring pixels of then over what others have done since.
 */
export function dropStrokes(): void {
  const silence = (step: Step): boolean => {
    if (!isStroke(step)) return false;
    for (const memo of memosOf(step)) {
      memo.restoreMemo = () => undefined;
      // Without one, nobody is told of a step that is none.
      delete memo.id;
    }
    return true;
  };
  let isDropped = true;
  while (isDropped) isDropped = history.undoIf(silence);
}

/** The viewer's own history, of which our strokes are no part. */
export const stockHistory: ViewerHistory = {
  newest: () => {
    dropStrokes();
    let newest: Step | undefined;
    history.undoIf((step) => {
      newest = step;
      return false;
    });
    return newest;
  },
  can: (step) => {
    dropStrokes();
    return step === 'undo' ? history.canUndo : history.canRedo;
  },
};
