import type { Participant, Plane } from '@ohif-medsam/protocol';
import { describe, expect, it } from 'vitest';
import { createFollowedPlanes, planeToFollow } from './following.ts';
import { INITIAL_STATE, type SessionState } from './state.ts';

const slice = (n: number): Plane => ({ axis: 'k', frame: `1.${String(n)}/1` });
const person = (id: string, n: number, connectionId = id): Participant => ({
  connectionId,
  id,
  name: id,
  color: [1, 2, 3],
  at: { plane: slice(n) },
});
const state = (following: string | null, ...participants: Participant[]): SessionState => ({
  ...INITIAL_STATE,
  following,
  participants,
});

describe('following', () => {
  it('[FO1] goes at once to where the person is, and then wherever the person goes', () => {
    const alone = state(null, person('ada', 1), person('bob', 5));
    const following = state('bob', person('ada', 1), person('bob', 5));
    expect(planeToFollow(following, alone)).toEqual(slice(5));
    expect(planeToFollow(state('bob', person('ada', 5), person('bob', 6)), following)).toEqual(slice(6));
  });

  it('[FO2] goes nowhere when others move, oneself included', () => {
    const before = state('bob', person('ada', 1), person('bob', 5), person('eve', 2));
    expect(planeToFollow(state('bob', person('ada', 3), person('bob', 5), person('eve', 9)), before)).toBeUndefined();
  });

  it('[FO3] is of the person: it goes on when they come back on another connection', () => {
    const gone = state('bob', person('ada', 1));
    const back = state('bob', person('ada', 1), person('bob', 7, 'another'));
    expect(planeToFollow(gone, state('bob', person('ada', 1), person('bob', 5)))).toBeUndefined();
    expect(planeToFollow(back, gone)).toEqual(slice(7));
  });

  it('[FO4] tells the planes it brings from those that one scrolls to, however late or incomplete they come', () => {
    const planes = createFollowedPlanes();
    for (const n of [1, 2, 3]) planes.expect(slice(n));
    expect([2, 3].map((n) => planes.arrived(slice(n)))).toEqual([true, true]);
    expect(planes.arrived(slice(2))).toBe(false);
    expect(planes.arrived(slice(3))).toBe(false);
  });
});
