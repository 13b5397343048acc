/** One step of a document's history; defined by the segmentation feature. */
export interface JournalEntry {
  readonly revision: number;
  readonly operationId: string;
  readonly author: string;
  /** ISO 8601 */
  readonly at: string;
  /** JSON, opaque to the store. */
  readonly body: unknown;
}

/** What is kept of a document: a state at some revision, and all that was done after it. */
export interface StoredDocument {
  /** Opaque to the store: JSON of the document's owner. */
  readonly checkpoint: { readonly revision: number; readonly state: unknown } | null;
  readonly entries: readonly JournalEntry[];
}

/**
 * Keeps documents over restarts. Once a promise resolves, the entry survives `kill -9`.
 * @throws AppError `state-unwritable` if the disk is full or read-only, `documents-unreachable` if the database cannot be
 *   reached or read, `state-locked` for a revision that another server took; then nothing of the entry is kept.
 */
export interface DocumentStore {
  load(seriesUid: string): Promise<StoredDocument>;
  /** Entries of one series are appended in the order of their revisions; no revision is taken twice, not even a dropped one. */
  append(seriesUid: string, entries: readonly JournalEntry[]): Promise<void>;
  /** Replaces an earlier checkpoint and drops the entries up to its revision, atomically; a later one stays. */
  checkpoint(seriesUid: string, revision: number, state: unknown): Promise<void>;
  close(): Promise<void>;
}
