import type { FrameMask, Plane } from '@ohif-medsam/protocol';
import { standing } from './log.ts';
import type { DocumentState } from './state.ts';

/** A propagation of which the document holds no end. */
export interface UnfinishedPropagation {
  readonly propagationId: string;
  readonly segmentId: string;
  /** From which it went out. */
  readonly plane: Plane;
  readonly masks: readonly FrameMask[];
}

/**
 * [DOC-18] The propagations that have not ended, as far as it still matters: the newest of each segment that can be changed. Whoever
 * runs none of them knows that they were interrupted.
 */
export function unfinishedPropagations({ log, segments }: DocumentState): UnfinishedPropagation[] {
  const open = new Set(segments.filter(({ review }) => review.status !== 'approved').map(({ id }) => id));
  const newest = new Map(
    standing(log).flatMap(({ operation }) =>
      operation.kind === 'propagation' && open.has(operation.segmentId) ? [[operation.segmentId, operation]] : [],
    ),
  );
  return [...newest.values()].filter(({ unfinished }) => unfinished);
}
