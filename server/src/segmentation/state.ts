import type { Prompt, Runs, SavedAs, Segment } from '@ohif-medsam/protocol';
import type { Layer } from './layers.ts';
import type { LogEntry } from './log.ts';

/** One segment in one frame: what was done to it, in order, and the mask that this gives. */
export interface CellState {
  readonly layers: readonly Layer[];
  readonly runs: Runs;
}

/** By segment id, then frame key. Holds hidden segments too: undo may bring them back. */
export type Cells = ReadonlyMap<string, ReadonlyMap<string, CellState>>;

/** What operations that are too old to be undone have made of the short lists. */
export interface Base {
  readonly segments: readonly Segment[];
  readonly saved: SavedAs | null;
}

/** A segmentation document at one revision. Immutable: a step makes a new one that shares what did not change. */
export interface DocumentState {
  readonly revision: number;
  /** Next Segment Number: they are never reused. */
  readonly nextNumber: number;
  /** Segment ids that ever stood here. */
  readonly usedIds: ReadonlySet<string>;
  readonly base: Base;
  readonly log: readonly LogEntry[];
  /** Revision at which each of the latest requests was accepted, by operation id; of propagations also by their name. */
  readonly accepted: ReadonlyMap<string, number>;
  readonly cells: Cells;
  /** As everybody sees them. */
  readonly segments: readonly Segment[];
  readonly prompts: readonly Prompt[];
  readonly saved: SavedAs | null;
}

export const EMPTY_DOCUMENT: DocumentState = {
  revision: 0,
  nextNumber: 1,
  usedIds: new Set(),
  base: { segments: [], saved: null },
  log: [],
  accepted: new Map(),
  cells: new Map(),
  segments: [],
  prompts: [],
  saved: null,
};
