import { standing } from './log.ts';
import type { PropagationOperation } from './operations.ts';
import type { DocumentState } from './state.ts';

export interface StandingPropagation extends PropagationOperation {
  /** Participant id. */
  readonly author: string;
}

/** The propagations of a segment that are neither undone nor superseded, oldest first. */
export const propagationsOf = ({ log }: DocumentState, segmentId: string): StandingPropagation[] =>
  standing(log).flatMap(({ operation, author }) =>
    operation.kind === 'propagation' && operation.segmentId === segmentId ? [{ ...operation, author }] : [],
  );
