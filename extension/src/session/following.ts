import { planeKeyOf, type Plane } from '@ohif-medsam/protocol';
import type { SessionState } from './state.ts';

const followedPlane = ({ following, participants }: SessionState): Plane | undefined =>
  following === null ? undefined : participants.find(({ id, at }) => id === following && at?.plane)?.at?.plane;

/**
 * The plane to go to, because the followed person went there or has just been chosen; undefined where nothing of that changed.
 * One's own echo, and what others do, changes the participants too, and would snap back what one looks at.
 */
export function planeToFollow(state: SessionState, before: SessionState): Plane | undefined {
  const [now, was] = [followedPlane(state), followedPlane(before)];
  return now && (state.following !== before.following || !was || planeKeyOf(now) !== planeKeyOf(was)) ? now : undefined;
}

/** Planes that can be on their way at once; others never come, as where no viewport can show them. */
const MOST_EXPECTED = 50;

/** Tells the planes that following brings into view from those to which one scrolls oneself. */
export function createFollowedPlanes() {
  /** In the order in which they were asked for: the viewer loads some of them first, and may leave some out. */
  let expected: string[] = [];
  return {
    expect: (plane: Plane): void => void (expected = [...expected, planeKeyOf(plane)].slice(-MOST_EXPECTED)),
    /** Whether a plane that came into view is one that was expected; those asked for before it will not come any more. */
    arrived: (plane: Plane): boolean => {
      const at = expected.indexOf(planeKeyOf(plane));
      expected = at < 0 ? [] : expected.slice(at);
      return at >= 0;
    },
  };
}
