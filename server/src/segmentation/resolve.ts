import type { Segment } from '@ohif-medsam/protocol';
import type { LoggedOperation, Operation } from './operations.ts';
import type { DocumentState } from './state.ts';

/** A person, as a document remembers them. */
export interface Author {
  readonly id: string;
  readonly name: string;
}

export interface Facts {
  readonly author: Author;
  /** ISO 8601 */
  readonly at: string;
  /** A fresh random UUID; each call another. */
  readonly uuid: () => string;
}

/** Adds to an accepted operation what the server decides, once and for all: numbers, tracking ids, who and when. */
export function resolve(state: DocumentState, operation: Operation, { author, at, uuid }: Facts): LoggedOperation {
  switch (operation.kind) {
    case 'segment:add': {
      const { segmentId: id, label, color, coding } = operation;
      const made = { number: state.nextNumber, tracking: newTracking(uuid()), algorithm: { type: 'MANUAL' } } as const;
      return { kind: 'segment:add', segment: { id, label, color, coding, ...made, review: { status: 'draft' } } };
    }
    case 'segment:review': {
      const { segmentId, status, comment } = operation;
      return {
        kind: 'segment:review',
        segmentId,
        review: { status, by: author.name, at, ...(comment && { comment }) },
      };
    }
    case 'load': {
      const segments = operation.segments.map((segment, n): Segment => ({
        ...segment,
        number: state.nextNumber + n,
        review: { status: 'draft' },
      }));
      return {
        kind: 'load',
        segments,
        cells: [...operation.cells],
        saved: { ...operation.from, revision: state.revision + 1 },
      };
    }
    case 'saved': {
      // Noting the place is a revision too, but no change of content.
      const unchanged = operation.saved.revision === state.revision;
      return {
        kind: 'saved',
        saved: { ...operation.saved, ...(unchanged && { revision: state.revision + 1 }) },
        opening: operation.opening,
      };
    }
    case 'segment:update':
    case 'segment:delete':
    case 'mask:edit':
    case 'prompt':
    case 'prompt:delete':
    case 'propagation':
      return operation;
  }
}

/** Tracking ID and UID of a segment (PS3.3 C.8.20.2): the UID is `2.25.` and the UUID as a decimal number (PS3.5 B.2). */
const newTracking = (uuid: string): Segment['tracking'] => ({
  id: uuid,
  uid: `2.25.${BigInt(`0x${uuid.replaceAll('-', '')}`).toString()}`,
});
