import { reduce, type SessionEvent } from './reduce.ts';
import { INITIAL_STATE, type SessionState } from './state.ts';

type StateListener = (state: SessionState, before: SessionState) => void;

export interface Store {
  readonly getState: () => SessionState;
  readonly dispatch: (event: SessionEvent) => void;
  /** @returns Ends the subscription. */
  readonly subscribe: (listener: StateListener) => () => void;
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
        const before = state;
        state = reduce(before, next);
        if (state !== before) for (const listener of [...listeners]) listener(state, before);
      }
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
