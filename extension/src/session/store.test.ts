import { describe, expect, it } from 'vitest';
import { createStore } from './store.ts';

describe('store', () => {
  it('[ST1] every listener sees every state in one order, even if one of them dispatches', () => {
    const store = createStore();
    const seen: (string | null)[] = [];
    store.subscribe((state) => {
      if (state.following === 'a') store.dispatch({ kind: 'following', connectionId: 'b' });
    });
    store.subscribe((state, before) => seen.push(before.following, state.following));
    store.dispatch({ kind: 'following', connectionId: 'a' });
    expect(seen).toEqual([null, 'a', 'a', 'b']);
  });

  it('[ST2] a listener that left hears nothing more', () => {
    const store = createStore();
    let heard = 0;
    store.subscribe(() => heard++)();
    store.dispatch({ kind: 'following', connectionId: 'a' });
    expect(heard).toBe(0);
  });
});
