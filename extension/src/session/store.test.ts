import { describe, expect, it, vi } from 'vitest';
import { createStore } from './store.ts';

describe('store', () => {
  it('[ST1] every listener sees every state in one order, even if one of them dispatches', () => {
    const store = createStore();
    const seen: (string | null)[] = [];
    store.subscribe((state) => {
      if (state.following === 'a') store.dispatch({ kind: 'following', participantId: 'b' });
    });
    store.subscribe((state, before) => seen.push(before.following, state.following));
    store.dispatch({ kind: 'following', participantId: 'a' });
    expect(seen).toEqual([null, 'a', 'a', 'b']);
  });

  it('[ST2] a listener that left hears nothing more', () => {
    const store = createStore();
    let heard = 0;
    store.subscribe(() => heard++)();
    store.dispatch({ kind: 'following', participantId: 'a' });
    expect(heard).toBe(0);
  });

  it('[ST3] a listener that throws is told of, and keeps nothing from anybody', () => {
    const bug = new Error('a listener failed');
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const store = createStore();
    const seen: (string | null)[] = [];
    store.subscribe(() => {
      throw bug;
    });
    store.subscribe(({ following }) => seen.push(following));
    for (const participantId of ['a', 'b']) store.dispatch({ kind: 'following', participantId });
    expect(seen).toEqual(['a', 'b']);
    expect(told.mock.calls).toEqual([[bug], [bug]]);
    told.mockRestore();
  });
});
