import { reduce, type SessionEvent } from './reduce.ts';
import { INITIAL_STATE, type SessionState } from './state.ts';

type StateListener = (state: SessionState, before: SessionState) => void;

export interface Store {
  readonly getState: () => SessionState;
  readonly dispatch: (event: SessionEvent) => void;
  /** @returns Ends the subscription. */
  readonly subscribe: (listener: StateListener) => () => void;
}

/** What throws is a bug and is told as one; the session, and all who listen to it, go on. */
function attempt(run: () => void): void {
  try {
    run();
  } catch (error) {
    console.error(error);
  }
}

export function createStore(): Store {
  let state = INITIAL_STATE;
  const listeners = new Set<StateListener>();
  const queue: SessionEvent[] = [];
  return {
    getState: () => state,
    dispatch: (event) => {
      queue.push(event);
      // A listener may dispatch: its event waits, so that all listeners see all states in one order.
      if (queue.length > 1) return;
      for (let next = queue[0]; next; queue.shift(), next = queue[0]) {
        const [before, event] = [state, next];
        attempt(() => (state = reduce(before, event)));
        const after = state;
        if (after !== before) for (const listener of [...listeners]) attempt(() => listener(after, before));
      }
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
