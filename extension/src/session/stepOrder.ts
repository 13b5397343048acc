import type { HistoryDepth } from '@ohif-medsam/protocol';
import type { SessionState } from './state.ts';
import type { Store } from './store.ts';

export type HistoryStep = keyof HistoryDepth;

/** What the viewer can take back itself, as its measurements. */
export interface ViewerHistory {
  /** Its newest step that is not taken back. */
  readonly newest: () => unknown;
  readonly can: (step: HistoryStep) => boolean;
}

/** One's own steps of a document, and with each that this page saw being taken, or taken back, the viewer's newest one of then. */
interface SeenSteps {
  readonly depth: HistoryDepth;
  /** The newest stands last. */
  readonly marks: Readonly<Record<HistoryStep, readonly unknown[]>>;
}

const NONE: HistoryDepth = { undo: 0, redo: 0 };

/**
 * The order in which one's steps of the document and the viewer's own were taken, since undo takes back the newest of both. The
 * document outlives the page: what it holds from before is older than all that stands in the viewer's history.
 * @returns Whether the next undo or redo is the document's to take.
 */
export function createStepOrder(store: Store, viewer: ViewerHistory): (step: HistoryStep) => boolean {
  /** By document and person. */
  const seen = new Map<string, SeenSteps>();

  store.subscribe((state, before) => {
    const key = state.document !== before.document && keyOf(state);
    if (!key) return;
    const depth = depthOf(state);
    const was = seen.get(key) ?? { depth, marks: { undo: [], redo: [] } };
    const marked = (step: HistoryStep) => follow(was.marks[step], depth[step] - was.depth[step], viewer.newest);
    seen.set(key, { depth, marks: { undo: marked('undo'), redo: marked('redo') } });
  });

  return (step) => {
    const state = store.getState();
    if (depthOf(state)[step] === 0) return false;
    if (!viewer.can(step)) return true;
    const marks = seen.get(keyOf(state) ?? '')?.marks[step] ?? [];
    return marks.length > 0 && marks.at(-1) === viewer.newest();
  };
}

const keyOf = ({ document, me }: SessionState): string | undefined =>
  document && me ? `${document.seriesUid} ${me.id}` : undefined;

const depthOf = ({ document, me }: SessionState): HistoryDepth => document?.history[me?.id ?? ''] ?? NONE;

function follow(marks: readonly unknown[], change: number, mark: () => unknown): readonly unknown[] {
  if (change > 0) return [...marks, ...Array.from({ length: change }, mark)];
  return change < 0 ? marks.slice(0, change) : marks;
}
