/** Boxes as people draw them: the tight box of an object, moved by known amounts. */
import { createHash } from 'node:crypto';
import { clipBox, MIN_BOX_PIXELS, type Box } from '@ohif-medsam/protocol';

interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Four numbers from 0 to 1 that belong to one object: the sides of its box are moved by these, whatever the move. */
export type Draw = readonly [number, number, number, number];

export interface BoxMove {
  readonly name: string;
  /** Pixels at an image of 1024 x 1024 that the sides are moved by (at most); 0 for moves by a share of the box. */
  readonly px1024: number;
  readonly move: (box: Box, size: Size, draw: Draw) => Box;
}

/** Each side outward by 0 to `px`, as upstream trains. */
const outward = (px: number): BoxMove => ({
  name: `outward${String(px)}`,
  px1024: px,
  move: (box, size, draw) => sidesOutward(box, size, [draw[0] * px, draw[1] * px, draw[2] * px, draw[3] * px]),
});

/** Each side outward by exactly `px`, as upstream evaluates. */
const fixed = (px: number): BoxMove => ({
  name: `fixed${String(px)}`,
  px1024: px,
  move: (box, size) => sidesOutward(box, size, [px, px, px, px]),
});

const SHARE = 0.05;

/** Each side inward by 5 % of the box. */
const inward: BoxMove = {
  name: 'inward5%',
  px1024: 0,
  move: ([x0, y0, x1, y1]) => {
    const [dx, dy] = [inset(x1 + 1 - x0), inset(y1 + 1 - y0)];
    return [x0 + dx, y0 + dy, x1 - dx, y1 - dy];
  },
};

const inset = (side: number) =>
  Math.max(0, Math.min(Math.round(side * SHARE), Math.floor((side - MIN_BOX_PIXELS) / 2)));

/** The whole box by 5 % of its sides, along one of its diagonals. */
const offCentre: BoxMove = {
  name: 'offCentre5%',
  px1024: 0,
  move: ([x0, y0, x1, y1], size, draw) => {
    const dx = Math.round((x1 + 1 - x0) * SHARE) * (draw[0] < 0.5 ? -1 : 1);
    const dy = Math.round((y1 + 1 - y0) * SHARE) * (draw[1] < 0.5 ? -1 : 1);
    return clipBox([x0 + dx, y0 + dy, x1 + dx, y1 + dy], size);
  },
};

export const BOX_MOVES: readonly BoxMove[] = [
  outward(5),
  outward(10),
  outward(20),
  fixed(5),
  fixed(10),
  fixed(20),
  inward,
  offCentre,
];

/** Upstream stretches every image to 1024 x 1024 and moves the sides there. @param by - Left, top, right, bottom. */
function sidesOutward([x0, y0, x1, y1]: Box, size: Size, [left, top, right, bottom]: Draw): Box {
  const [x, y] = [size.columns / 1024, size.rows / 1024];
  const moved: Box = [
    x0 - Math.round(left * x),
    y0 - Math.round(top * y),
    x1 + Math.round(right * x),
    y1 + Math.round(bottom * y),
  ];
  return clipBox(moved, size);
}

/** What an object is drawn by: the same in every run, whichever objects were asked about before. */
export function drawFor(name: string): Draw {
  const digest = createHash('sha256').update(name).digest();
  const at = (n: number) => digest.readUInt32BE(4 * n) / 2 ** 32;
  return [at(0), at(1), at(2), at(3)];
}
