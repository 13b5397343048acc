import { planeKeyOf, type HistoryDepth } from '@ohif-medsam/protocol';
import type { LoggedOperation } from './operations.ts';

/** An operation in its place in the log of a document. */
export interface LogEntry {
  /** Of the document just after it was accepted; orders the log. */
  readonly revision: number;
  readonly operationId: string;
  /** Participant id. */
  readonly author: string;
  readonly operation: LoggedOperation;
  readonly undone: boolean;
  /** Too old to be undone; kept because it may still be superseded. */
  readonly settled: boolean;
}

/** Of the entries that are not undone and have the same key, only the newest stands. */
function supersessionKey({ operation, author }: LogEntry): string | undefined {
  if (operation.kind === 'prompt' || operation.kind === 'prompt:delete') return `prompt ${operation.promptId}`;
  if (operation.kind !== 'propagation') return undefined;
  if (operation.replaces === 'cleared') return `propagation ${operation.propagationId}`;
  return `propagation ${operation.segmentId} ${author} ${planeKeyOf(operation.plane)}`;
}

export const isSuperseder = (entry: LogEntry): boolean => supersessionKey(entry) !== undefined;

/** Entries of the same key, itself included. */
export function rivalsOf(log: readonly LogEntry[], entry: LogEntry): LogEntry[] {
  const key = supersessionKey(entry);
  return key === undefined ? [entry] : log.filter((other) => supersessionKey(other) === key);
}

/** The revision of the newest load that stands and can be undone, or 0. */
export const openingOf = (log: readonly LogEntry[]): number =>
  log.findLast(({ operation, undone }) => operation.kind === 'load' && !undone)?.revision ?? 0;

/** Whether a save was of other content than there is while this load is, or is not, undone: then its place is not the next one's. */
export const isAstray = ({ operation, revision }: LogEntry, load: LogEntry): boolean =>
  operation.kind === 'saved' &&
  operation.opening !== undefined &&
  load.operation.kind === 'load' &&
  load.revision < revision &&
  (load.undone ? operation.opening === load.revision : operation.opening < load.revision);

/** The entries that have an effect: neither undone, nor superseded, nor saves gone astray. In order. */
export function standing(log: readonly LogEntry[]): LogEntry[] {
  const newest = new Map<string, LogEntry>();
  for (const entry of log) {
    const key = supersessionKey(entry);
    if (key !== undefined && !entry.undone) newest.set(key, entry);
  }
  const loads = log.filter(({ operation }) => operation.kind === 'load');
  return log.filter((entry) => {
    if (loads.some((load) => isAstray(entry, load))) return false;
    const key = supersessionKey(entry);
    return key === undefined ? !entry.undone : newest.get(key) === entry;
  });
}

const isStep = ({ operation, settled }: LogEntry): boolean =>
  !settled && operation.kind !== 'segment:review' && operation.kind !== 'saved';

/** What an undo of this participant takes back. */
export const nextUndo = (log: readonly LogEntry[], author: string): LogEntry | undefined =>
  log.findLast((entry) => entry.author === author && isStep(entry) && !entry.undone);

/** What a redo brings back: as undo goes from the newest to the oldest, redo starts at the oldest that is undone. */
export const nextRedo = (log: readonly LogEntry[], author: string): LogEntry | undefined =>
  log.find((entry) => entry.author === author && entry.undone);

/** Steps that each participant can take back or do again. */
export function historyDepths(log: readonly LogEntry[]): Record<string, HistoryDepth> {
  const depths: Record<string, HistoryDepth> = {};
  for (const entry of log.filter(isStep)) {
    const { undo, redo } = depths[entry.author] ?? { undo: 0, redo: 0 };
    depths[entry.author] = entry.undone ? { undo, redo: redo + 1 } : { undo: undo + 1, redo };
  }
  return depths;
}
