import { LIMITS, subtract, union, type CellEdit, type FrameMask } from '@ohif-medsam/protocol';
import type { LogEntry } from './log.ts';
import type { LoggedOperation } from './operations.ts';

type StrokeEdit = CellEdit & { readonly segmentId: string };

export const propagationEntry = (log: readonly LogEntry[], propagationId: string): LogEntry | undefined =>
  log.find(({ operation }) => operation.kind === 'propagation' && operation.propagationId === propagationId);

/** The entry that an operation is a further part of: of a propagation [DOC-12], or of a stroke [DOC-17]. */
export function growingEntry(
  log: readonly LogEntry[],
  operation: LoggedOperation,
  author: string,
): LogEntry | undefined {
  if (operation.kind === 'propagation') return propagationEntry(log, operation.propagationId);
  if (operation.kind !== 'mask:edit' || operation.strokeId === undefined) return undefined;
  return log.findLast(
    (entry) =>
      entry.operation.kind === 'mask:edit' &&
      entry.operation.strokeId === operation.strokeId &&
      entry.author === author &&
      !entry.undone &&
      !entry.settled &&
      canJoin([...entry.operation.edits, ...operation.edits]),
  );
}

/** What is joined has to be an edit that a checkpoint can be read back with. */
const canJoin = (edits: readonly StrokeEdit[]): boolean =>
  edits.length <= LIMITS.cellsPerEdit &&
  edits.reduce((sum, { add, remove }) => sum + add.length + remove.length, 0) <= LIMITS.runNumbers;

/** An operation with a further part of it. */
export function grown(operation: LoggedOperation, part: LoggedOperation): LoggedOperation {
  if (operation.kind === 'propagation' && part.kind === 'propagation')
    return {
      ...part,
      masks: joinedMasks([...operation.masks, ...part.masks]),
      findings: [...(operation.findings ?? []), ...(part.findings ?? [])],
      cleared: [...(operation.cleared ?? []), ...(part.cleared ?? [])],
    };
  if (operation.kind === 'mask:edit' && part.kind === 'mask:edit')
    return { ...operation, edits: joinedEdits([...operation.edits, ...part.edits]) };
  return operation;
}

/** One mask of each frame: propagating in MPR touches the same frames again and again. */
export function joinedMasks(masks: readonly FrameMask[]): FrameMask[] {
  const byFrame = new Map<string, FrameMask>();
  for (const { frame, runs } of masks) {
    const before = byFrame.get(frame);
    byFrame.set(frame, { frame, runs: before ? union(before.runs, runs) : runs });
  }
  return [...byFrame.values()];
}

/** One edit of each cell that does what its edits do one after the other. */
function joinedEdits(edits: readonly StrokeEdit[]): StrokeEdit[] {
  const byCell = new Map<string, StrokeEdit>();
  for (const edit of edits) {
    const key = `${edit.segmentId} ${edit.frame}`;
    const before = byCell.get(key);
    byCell.set(key, before ? joined(before, edit) : edit);
  }
  return [...byCell.values()];
}

const joined = (first: StrokeEdit, second: StrokeEdit): StrokeEdit => ({
  ...second,
  remove: union(first.remove, second.remove),
  add: union(subtract(first.add, second.remove), second.add),
});
