import { randomUUID } from 'node:crypto';
import type { PropagationStart, SegmentAlgorithm } from '@ohif-medsam/protocol';
import type { Author, Documents, PropagationOperation } from '../segmentation/index.ts';

type Part = Required<Pick<PropagationOperation, 'masks' | 'findings' | 'cleared'>>;

const nothing = (): Part => ({ masks: [], findings: [], cleared: [] });

export interface MaskWriter {
  /** @throws what the write before ended with. */
  add(part: Partial<Part>): void;
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
  let waiting = nothing();
  let writing: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;
  let isOver = false;
  /** Whether the document says that more is to come. */
  let isOpen = false;
  const put = async (part: Part) => {
    const named = { kind: 'propagation', propagationId, segmentId, plane, algorithm, replaces: 'cleared' } as const;
    const operation = { ...named, ...part };
    const isLast = isOver;
    await documents.apply(seriesUid, author, randomUUID(), isLast ? operation : { ...operation, unfinished: true });
    isOpen = !isLast;
  };
  const write = async () => {
    while (waiting.masks.length + waiting.cleared.length > 0 && !failure) {
      const part = waiting;
      waiting = nothing();
      try {
        await put(part);
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
    add({ masks = [], findings = [], cleared = [] }) {
      rethrow();
      if (masks.length + cleared.length === 0) return;
      waiting.masks.push(...masks);
      waiting.findings.push(...findings);
      waiting.cleared.push(...cleared);
      writing ??= write();
    },
    async end(isInterrupted) {
      isOver = !isInterrupted;
      await writing;
      rethrow();
      // If this is refused, as of a propagation that was undone in its last moment, the masks are no less there.
      if (isOver && isOpen) await put(nothing()).catch(() => undefined);
    },
  };
}
