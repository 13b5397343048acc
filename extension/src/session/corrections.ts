import { planeKeyOf, type Box, type Plane, type Points } from '@ohif-medsam/protocol';
import { ownBoxes, type ShownBox } from './shownBoxes.ts';
import type { PlacedBox, SessionState } from './state.ts';

/** Whether what was clicked on belongs to the object. */
export type PointKind = keyof Points;

/** Column and row of a pixel of a plane's image, 0-based. */
export type Pixel = Points[PointKind][number];

/** The box whose mask a click on a plane corrects: of one's own there, the nearest, and of two that hold it the newer. */
export function boxToCorrect(state: SessionState, plane: Plane, point: Pixel): ShownBox | undefined {
  const key = planeKeyOf(plane);
  const there = ownBoxes(state).filter((box) => planeKeyOf(box.plane) === key);
  return there.reverse().sort((a, b) => distance(a.box, point) - distance(b.box, point))[0];
}

/** A box with one more point; the other opinion of the same pixel goes. */
export function corrected({ plane, box, points }: PlacedBox, point: Pixel, kind: PointKind): Required<PlacedBox> {
  const isSame = ([x, y]: Pixel) => x === point[0] && y === point[1];
  const { inside = [], outside = [] } = points ?? {};
  const others = { inside: inside.filter((each) => !isSame(each)), outside: outside.filter((each) => !isSame(each)) };
  const before = { inside, outside }[kind];
  return {
    plane,
    box: kind === 'inside' ? reaching(box, point) : box,
    points: { ...others, [kind]: before.some(isSame) ? before : [...before, point] },
  };
}

/** A model hardly goes beyond its box. A point out there is taken for the middle of what is missed: the box goes as far beyond it. */
const reaching = ([x0, y0, x1, y1]: Box, [x, y]: Pixel): Box => [
  Math.min(x0, 2 * x - x0),
  Math.min(y0, 2 * y - y0),
  Math.max(x1, 2 * x - x1),
  Math.max(y1, 2 * y - y1),
];

/** In pixels; none within. */
const distance = ([x0, y0, x1, y1]: Box, [x, y]: Pixel): number =>
  Math.hypot(Math.max(x0 - x, 0, x - x1), Math.max(y0 - y, 0, y - y1));
