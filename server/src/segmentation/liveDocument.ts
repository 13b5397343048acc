import { AppError, type DocumentChanged, type DocumentSnapshot } from '@ohif-medsam/protocol';
import type { Clock } from '../ports/clock.ts';
import type { DocumentStore, JournalEntry } from '../ports/documentStore.ts';
import { checkHistory, checkOperation, type FramePixels } from './check.ts';
import { fromCheckpoint, toCheckpoint } from './checkpoint.ts';
import { commit } from './commit.ts';
import { stepSchema, type Operation, type Step } from './operations.ts';
import { resolve, type Author } from './resolve.ts';
import { changesSince, snapshotOf } from './snapshot.ts';
import { EMPTY_DOCUMENT, type DocumentState } from './state.ts';

export interface DocumentPorts {
  readonly store: DocumentStore;
  readonly clock: Clock;
  /** A fresh random UUID. */
  readonly uuid: () => string;
  /** Told of every change, in the order of revisions, once it is in the store. */
  readonly onChanged: (change: DocumentChanged) => void;
  /** Journal entries after which the whole state is written, so that opening a document stays quick. */
  readonly stepsPerCheckpoint: number;
}

/**
 * One document in memory, equal to what the store holds. Steps are taken one after the other, in the order of the calls; a step is
 * in the store before anybody hears of it, and if the store fails, nothing has happened.
 */
export interface LiveDocument {
  apply(author: Author, operationId: string, operation: Operation): Promise<number>;
  step(author: Author, operationId: string, step: 'undo' | 'redo'): Promise<number>;
  snapshot(): DocumentSnapshot;
  /** The same after every step that was asked for before. */
  settled(): Promise<DocumentSnapshot>;
  state(): DocumentState;
  /** Whether a step is being taken. */
  busy(): boolean;
}

/** @throws AppError `state-corrupt` if what the store holds is no document. */
export async function openDocument(
  seriesUid: string,
  frames: FramePixels,
  ports: DocumentPorts,
): Promise<LiveDocument> {
  const { store, clock, uuid, onChanged } = ports;
  let { state, steps } = await restore(seriesUid, store);
  let doubtful = false;
  let waiting = 0;
  let queue: Promise<unknown> = Promise.resolve();

  function become(next: DocumentState, by: string, operationId: string): void {
    const change = changesSince(state, next, seriesUid);
    state = next;
    onChanged({ ...change, by, operationId });
  }

  async function take(author: Author, operationId: string, decide: (at: string) => Step): Promise<number> {
    // After a failure the store may hold the entry all the same: what it holds is the truth.
    if (doubtful) {
      const kept = await restore(seriesUid, store);
      if (kept.state.revision > state.revision) become(kept.state, author.id, operationId);
      doubtful = false;
    }
    const known = state.accepted.get(operationId);
    if (known !== undefined) return known;
    const at = clock.now().toISOString();
    const body = asReplayed(decide(at));
    const next = commit(state, { operationId, author: author.id, body });
    try {
      await store.append(seriesUid, [{ revision: next.revision, operationId, author: author.id, at, body }]);
    } catch (error) {
      doubtful = true;
      throw error;
    }
    become(next, author.id, operationId);
    steps++;
    return next.revision;
  }

  async function writeCheckpoint(): Promise<void> {
    if (steps < ports.stepsPerCheckpoint) return;
    steps = 0;
    // If it fails the journal just grows on; a store that takes no more says so at the next step.
    await store.checkpoint(seriesUid, state.revision, toCheckpoint(state)).catch(() => undefined);
  }

  function serially(step: () => Promise<number>): Promise<number> {
    waiting++;
    const result = queue.then(step);
    queue = result
      .catch(() => undefined)
      .then(writeCheckpoint)
      .finally(() => waiting--);
    return result;
  }

  return {
    apply: (author, operationId, operation) =>
      serially(() =>
        take(author, operationId, (at) => {
          checkOperation(state, frames, author.id, operation);
          return { step: 'apply', operation: resolve(state, operation, { author, at, uuid }) };
        }),
      ),
    step: (author, operationId, step) =>
      serially(() =>
        take(author, operationId, () => {
          checkHistory(state, author.id, step);
          return { step };
        }),
      ),
    snapshot: () => snapshotOf(seriesUid, state),
    settled: () => queue.then(() => snapshotOf(seriesUid, state)),
    state: () => state,
    busy: () => waiting > 0,
  };
}

/** What is not a step when it is read back must not be written: the whole document would be lost with it. */
function asReplayed(step: Step): Step {
  const parsed = stepSchema.safeParse(step);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError('operation-invalid', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

/** Reads a document back: its last checkpoint and what was done after it. */
async function restore(seriesUid: string, store: DocumentStore): Promise<{ state: DocumentState; steps: number }> {
  const { checkpoint, entries } = await store.load(seriesUid);
  try {
    const start = checkpoint ? fromCheckpoint(checkpoint.state) : EMPTY_DOCUMENT;
    return { state: entries.reduce(replay, start), steps: entries.length };
  } catch (error) {
    throw new AppError('state-corrupt', `It is the document of series ${seriesUid}.`, { cause: error });
  }
}

/** @throws RangeError if entries are missing before this one, z.ZodError if it is no step. */
export function replay(state: DocumentState, { revision, operationId, author, body }: JournalEntry): DocumentState {
  if (revision !== state.revision + 1)
    throw new RangeError(`revision ${String(revision)} follows ${String(state.revision)}`);
  return commit(state, { operationId, author, body: stepSchema.parse(body) });
}
