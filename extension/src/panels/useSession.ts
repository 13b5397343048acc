import { useEffect, useSyncExternalStore } from 'react';
import type { Session } from '../session/session.ts';
import type { SessionState } from '../session/state.ts';

/** The session's state, drawn anew whenever it changes; begins the session if the mode has our panel under another one. */
export function useSession({ store, start }: Session): SessionState {
  useEffect(start, [start]);
  return useSyncExternalStore(store.subscribe, store.getState);
}
