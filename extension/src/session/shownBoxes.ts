import { planeKeyOf, type Color } from '@ohif-medsam/protocol';
import type { PlacedBox, SessionState } from './state.ts';

/** How a box looks. */
export interface BoxLook {
  readonly color: Color;
  /** Its mask has not come yet. */
  readonly waiting: boolean;
  /** Others are only looked at: a box that starts on them is a new one. */
  readonly movable: boolean;
  /** Of somebody else who is there, whose name then stands beside it. */
  readonly author?: string;
}

export interface ShownBox extends PlacedBox {
  readonly id: string;
  readonly look: BoxLook;
}

export const WAITING_COLOR: Color = [255, 200, 60];

/**
 * The boxes that a session has to show: those of the document, what other people have in their hands, and one's own whose masks
 * have not come yet, where one let go of them.
 */
export function shownBoxes(state: SessionState): ShownBox[] {
  const { document, me, participants, waiting } = state;
  const segments = new Map(document?.segments.map((segment) => [segment.id, segment]));
  const standing = (document?.prompts ?? []).flatMap(({ promptId, segmentId, plane, box, points, author }) => {
    const segment = segments.get(segmentId);
    if (!segment || segment.review.status === 'approved' || state.hidden.has(segmentId)) return [];
    const own = author === me?.id;
    const name = own ? undefined : participants.find(({ id }) => id === author)?.name;
    const released = waiting.get(promptId);
    const look = {
      color: released ? WAITING_COLOR : segment.color,
      waiting: released !== undefined,
      // Those of one's own on the segment one works on; the boxes of neighbouring organs would be in the way of each other.
      movable: own && segmentId === state.activeSegmentId,
      ...(name === undefined ? {} : { author: name }),
    };
    const placed = { plane, box, ...(own && points && { points }) };
    return [{ id: promptId, ...(released ?? placed), look }];
  });
  const known = new Set(document?.prompts.map(({ promptId }) => promptId));
  const drawn = [...waiting].flatMap(([id, placed]) =>
    known.has(id) ? [] : [{ id, ...placed, look: { color: WAITING_COLOR, waiting: true, movable: true } }],
  );
  const inHands = participants.flatMap(({ connectionId, id, name, color, at }) =>
    id === me?.id || !at?.plane || !at.box
      ? []
      : [
          {
            id: `hand:${connectionId}`,
            plane: at.plane,
            box: at.box,
            look: { color, waiting: true, movable: false, author: name },
          },
        ],
  );
  return [...standing, ...drawn, ...inHands];
}

/** The boxes that a user may move or delete. */
export const ownBoxes = (state: SessionState): ShownBox[] => shownBoxes(state).filter(({ look }) => look.movable);

/** Of those, the newest on the plane in view. */
export function ownBoxInView(state: SessionState): ShownBox | undefined {
  const key = state.plane && planeKeyOf(state.plane);
  return ownBoxes(state).findLast(({ plane }) => planeKeyOf(plane) === key);
}
