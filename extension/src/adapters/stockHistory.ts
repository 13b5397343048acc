import { utilities } from '@cornerstonejs/core';

type Step = Parameters<Parameters<typeof utilities.HistoryMemo.DefaultHistoryMemo.undoIf>[0]>[0];
/** A stroke as cornerstone's tools remember it. */
type Memo = Exclude<Step, readonly unknown[]> & { readonly segmentationId?: string };

/**
 * Takes the newest stroke in a labelmap out of the viewer's own history, without taking it back: it is a step of the document now,
 * and undoing it a second time, on this page only, would bring pixels of then over what others have done since.
 */
export function dropStroke(segmentationId: string): void {
  utilities.HistoryMemo.DefaultHistoryMemo.undoIf((step) => {
    const memos: Memo[] = Array.isArray(step) ? step : [step];
    if (memos.some((memo) => memo.segmentationId !== segmentationId)) return false;
    for (const memo of memos) {
      memo.restoreMemo = () => undefined;
      // Without one, nobody is told of a step that is none.
      delete memo.id;
    }
    return true;
  });
}
