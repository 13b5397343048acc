import type { Prompt, Segment } from '@ohif-medsam/protocol';
import { standing, type LogEntry } from './log.ts';
import type { Base, DocumentState } from './state.ts';

/** What one operation makes of the segments and of the place in the archive. */
function foldEntry(base: Base, { operation }: LogEntry): Base {
  const { segments } = base;
  const patch = (id: string, change: Partial<Segment>): Base => ({
    ...base,
    segments: segments.map((segment) => (segment.id === id ? { ...segment, ...change } : segment)),
  });
  switch (operation.kind) {
    case 'segment:add':
      return { ...base, segments: [...segments, operation.segment] };
    case 'segment:update': {
      const { label, color, coding } = operation;
      return patch(operation.segmentId, {
        ...(label && { label }),
        ...(color && { color }),
        ...(coding && { coding }),
      });
    }
    case 'segment:delete':
      return { ...base, segments: segments.filter(({ id }) => id !== operation.segmentId) };
    case 'segment:review':
      return patch(operation.segmentId, { review: operation.review });
    case 'load':
      return { segments: operation.segments, saved: operation.saved };
    case 'saved':
      return { ...base, saved: operation.saved };
    case 'mask:edit':
    case 'prompt':
    case 'prompt:delete':
    case 'propagation':
      return base;
  }
}

/** The short lists after these entries. */
export const foldEntries = (base: Base, entries: readonly LogEntry[]): Base => entries.reduce(foldEntry, base);

/** [DOC-10] The pixels of a segment came to be as its newest prompt or propagation says. */
function withAlgorithm(segment: Segment, entries: readonly LogEntry[]): Segment {
  const newest = entries.findLast(
    ({ operation: o }) => (o.kind === 'prompt' || o.kind === 'propagation') && o.segmentId === segment.id,
  )?.operation;
  return newest?.kind === 'prompt' || newest?.kind === 'propagation'
    ? { ...segment, algorithm: newest.algorithm }
    : segment;
}

/** The short lists of a document as everybody sees them. */
export function listsOf(base: Base, log: readonly LogEntry[]): Pick<DocumentState, 'segments' | 'prompts' | 'saved'> {
  const entries = standing(log);
  const lists = foldEntries(
    base,
    entries.filter(({ settled }) => !settled),
  );
  const visible = new Set(lists.segments.map(({ id }) => id));
  const prompts = entries.flatMap(({ operation: o, author }): Prompt[] => {
    if (o.kind !== 'prompt' || !visible.has(o.segmentId)) return [];
    const { promptId, segmentId, plane, box, points } = o;
    return [{ promptId, segmentId, plane, box, ...(points && { points }), author }];
  });
  return { segments: lists.segments.map((segment) => withAlgorithm(segment, entries)), prompts, saved: lists.saved };
}
