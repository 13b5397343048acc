import type { Segment } from '@ohif-medsam/protocol';
import { layersOf, recomputeCells, settleCells } from './cells.ts';
import { growingEntry, grown } from './grow.ts';
import { foldEntries, listsOf } from './lists.ts';
import { isAstray, isSuperseder, nextRedo, nextUndo, rivalsOf, standing, type LogEntry } from './log.ts';
import type { LoggedOperation, Step } from './operations.ts';
import type { DocumentState } from './state.ts';

/** Operations of a document, by anyone, that can still be undone. */
export const HISTORY_STEPS = 500;
/** Numbers of run lengths that the undoable operations may hold together: 160 MB. */
const HISTORY_NUMBERS = 20_000_000;
/** Requests that are recognised when they are repeated. */
const REMEMBERED_REQUESTS = 1_000;

/** A step with everything that decides its effect: what the journal holds. */
export interface AcceptedStep {
  readonly operationId: string;
  readonly author: string;
  readonly body: Step;
}

/**
 * The document after one step. Total and deterministic: whether a step may be taken was decided before it entered the journal
 * (see check.ts), so that replaying the journal never fails halfway.
 */
export function commit(state: DocumentState, step: AcceptedStep, historySteps = HISTORY_STEPS): DocumentState {
  const revision = state.revision + 1;
  const log = nextLog(state.log, step, revision);
  const next: DocumentState = {
    ...state,
    revision,
    ...useNames(state, step.body),
    log,
    accepted: remember(state.accepted, step, revision),
    cells: recomputeCells(state.cells, state.log, log),
    ...listsOf(state.base, log),
  };
  return settle(next, historySteps);
}

function nextLog(log: readonly LogEntry[], { body, author, operationId }: AcceptedStep, revision: number): LogEntry[] {
  const replace = (old: LogEntry | undefined, now: Partial<LogEntry>) =>
    log.map((entry) => (entry === old ? { ...entry, ...now } : entry));
  switch (body.step) {
    case 'undo':
      return replace(nextUndo(log, author), { undone: true });
    case 'redo':
      return replace(nextRedo(log, author), { undone: false });
    case 'apply': {
      const { operation } = body;
      const growing = growingEntry(log, operation, author);
      if (growing) return replace(growing, { operation: grown(growing.operation, operation) });
      // [DOC-4] What one undid is gone for good once one does something new.
      const kept = isHistory(operation) ? log.filter((entry) => !(entry.undone && entry.author === author)) : log;
      return [...kept, { revision, operationId, author, operation, undone: false, settled: false }];
    }
  }
}

const isHistory = ({ kind }: LoggedOperation): boolean => kind !== 'segment:review' && kind !== 'saved';

/** [DOC-9] Numbers and ids stay used, even when the operation that used them is taken back. */
function useNames(state: DocumentState, body: Step): Pick<DocumentState, 'nextNumber' | 'usedIds'> {
  const { nextNumber, usedIds } = state;
  const segments = body.step === 'apply' ? segmentsMadeBy(body.operation) : [];
  if (segments.length === 0) return { nextNumber, usedIds };
  return {
    nextNumber: Math.max(nextNumber, ...segments.map(({ number }) => number + 1)),
    usedIds: new Set([...usedIds, ...segments.map(({ id }) => id)]),
  };
}

function remember(accepted: DocumentState['accepted'], step: AcceptedStep, revision: number): Map<string, number> {
  const { operationId, body } = step;
  const names = [operationId];
  if (body.step === 'apply' && body.operation.kind === 'propagation')
    names.push(propagationName(body.operation.propagationId));
  const kept = [...accepted].slice(names.length - REMEMBERED_REQUESTS);
  return new Map([...kept, ...names.map((name) => [name, revision] as const)]);
}

/** Under which a propagation is remembered among the requests, so that no batch of it can start it anew once it was undone. */
export const propagationName = (propagationId: string): string => `propagation ${propagationId}`;

/** [DOC-8] Makes the oldest entries part of the base until the rest is few and small enough to be kept. */
function settle(state: DocumentState, historySteps: number): DocumentState {
  const open = state.log.filter(({ settled }) => !settled);
  let numbers = open.reduce((sum, entry) => sum + runNumbers(entry), 0);
  let next = state;
  for (const [at, oldest] of open.entries()) {
    const left = open.length - at;
    if (left <= 1 || (left <= historySteps && numbers <= HISTORY_NUMBERS)) break;
    next = settleOldest(next, oldest);
    numbers -= runNumbers(oldest);
  }
  return next;
}

const counted = new WeakMap<LogEntry, number>();

function runNumbers(entry: LogEntry): number {
  const known = counted.get(entry);
  if (known !== undefined) return known;
  const numbers = layersOf(entry).reduce((sum, { layer }) => sum + layer.add.length + layer.remove.length, 0);
  counted.set(entry, numbers);
  return numbers;
}

function settleOldest(before: DocumentState, oldest: LogEntry): DocumentState {
  const state = { ...before, log: before.log.filter((entry) => !isAstray(entry, oldest)) };
  if (oldest.undone) return { ...state, log: state.log.filter((entry) => entry !== oldest) };
  const base = foldEntries(state.base, [oldest]);
  const stale = new Set<LogEntry>([oldest]);
  const settled: LogEntry = { ...oldest, settled: true };
  let log = state.log.map((entry) => (entry === oldest ? settled : entry));
  if (isSuperseder(oldest)) {
    // A deleted or superseded box can only come back while what took its place can be undone.
    for (const rival of rivalsOf(log, settled)) if (rival.settled && rival !== settled) stale.add(rival);
    if (oldest.operation.kind === 'prompt:delete') stale.add(settled);
    log = log.filter((entry) => !stale.has(entry));
    return { ...state, base, log };
  }
  log = log.filter((entry) => entry !== settled);
  const upright = new Set(standing(log));
  const fences = log.filter((entry) => entry.settled && !upright.has(entry)).map(({ revision }) => revision);
  return forgetSegments({ ...state, base, log, cells: settleCells(state.cells, [oldest], fences) }, oldest);
}

/** Segments whose deletion can no longer be undone are dropped with their cells and boxes. */
function forgetSegments(state: DocumentState, { operation }: LogEntry): DocumentState {
  if (operation.kind !== 'segment:delete' && operation.kind !== 'load') return state;
  const alive = new Set(state.base.segments.map(({ id }) => id));
  for (const entry of state.log) for (const { id } of segmentsMadeBy(entry.operation)) alive.add(id);
  const gone = (id: string) => !alive.has(id);
  return {
    ...state,
    cells: new Map([...state.cells].filter(([id]) => !gone(id))),
    log: state.log.filter(
      ({ operation: o, settled }) =>
        !(settled && (o.kind === 'prompt' || o.kind === 'propagation') && gone(o.segmentId)),
    ),
  };
}

/** The segments that begin with an operation. */
export function segmentsMadeBy(operation: LoggedOperation): readonly Segment[] {
  if (operation.kind === 'segment:add') return [operation.segment];
  return operation.kind === 'load' ? operation.segments : [];
}
