import type { Actions } from './actions.ts';
import type { Store } from './store.ts';

/** What panels and commands get to see. */
export interface Session {
  readonly store: Store;
  readonly actions: Actions;
  /** Begins with the series in view; does nothing if it has begun. */
  readonly start: () => void;
  readonly stop: () => void;
  readonly running: () => boolean;
  /** Whether undo and redo are ours to do now, rather than the viewer's. */
  readonly owns: Actions['owns'];
  /** Ids of the boxes that are selected in the viewer. */
  readonly selectedBoxes: () => readonly string[];
  /** Brings the panel, which asks for the name, to the front and says so: nothing is sent without one. */
  readonly askName: () => void;
  /** Says who one is, and connects. */
  readonly enter: (name: string) => void;
  /** Asks once more for what was refused: the connection, or the series in view. */
  readonly retry: () => void;
}
