import { randomUUID } from 'node:crypto';
import type { FrameMask, PropagationStart, SegmentAlgorithm } from '@ohif-medsam/protocol';
import type { Author, Documents } from '../segmentation/index.ts';

export interface MaskWriter {
  /** @throws what the write before ended with. */
  add(masks: readonly FrameMask[]): void;
  /**
   * Resolves once all is written.
   * @param isInterrupted - The document goes on to say that more was to come.
   * @throws what a write ended with.
   */
  end(isInterrupted: boolean): Promise<void>;
}

/**
 * Writes the masks of a propagation to the document while the next ones are being found. What arrives during a write goes with the
 * next one, so a slow disk makes fewer, larger writes instead of a slow propagation.
 */
export function writeMasks(
  documents: Documents,
  { seriesUid, propagationId, segmentId, plane }: PropagationStart,
  algorithm: SegmentAlgorithm,
  author: Author,
): MaskWriter {
  let waiting: FrameMask[] = [];
  let writing: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;
  let isOver = false;
  /** Whether the document says that more is to come. */
  let isOpen = false;
  const put = async (masks: FrameMask[]) => {
    const operation = { kind: 'propagation', propagationId, segmentId, plane, masks, algorithm } as const;
    const isLast = isOver;
    await documents.apply(seriesUid, author, randomUUID(), isLast ? operation : { ...operation, unfinished: true });
    isOpen = !isLast;
  };
  const write = async () => {
    while (waiting.length > 0 && !failure) {
      const masks = waiting;
      waiting = [];
      try {
        await put(masks);
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
    add(masks) {
      rethrow();
      if (masks.length === 0) return;
      waiting.push(...masks);
      writing ??= write();
    },
    async end(isInterrupted) {
      isOver = !isInterrupted;
      await writing;
      rethrow();
      // If this is refused, as of a propagation that was undone in its last moment, the masks are no less there.
      if (isOver && isOpen) await put([]).catch(() => undefined);
    },
  };
}
