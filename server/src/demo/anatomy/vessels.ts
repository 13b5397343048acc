import { paint, type Canvas } from '../canvas.ts';
import { PHANTOM_LABELS } from '../labels.ts';
import { randomStream } from '../noise.ts';
import { capsule, curve, cutBy, path, tube, type Capsule, type Depth, type Point, type Shape } from '../shapes.ts';

const AORTA_HU = 152;
const VEIN_HU = 172;

export interface VesselTrees {
  readonly aorta: readonly Capsule[];
  readonly arteries: readonly Capsule[];
  readonly veins: readonly Capsule[];
  /** Within the liver; cut off at its surface. */
  readonly hepatic: readonly Capsule[];
  readonly lung: readonly Capsule[];
  readonly mesentery: readonly Capsule[];
}

export function buildVessels(seed: number): VesselTrees {
  const random = randomStream(seed);
  const line = (points: string, from: number, to = from) => tube(curve(path(points)), (t) => from + (to - from) * t);
  const hilum: Point = [-42, -12, 146];
  const cava: Point = [-27, 0, 205];
  const inLiver = (start: Point, aim: Point, radius: number) => branch(random, start, aim, radius, 24, 6);
  return {
    aorta: line('9 14 -20, 11 11 60, 12 14 130, 15 22 190, 18 27 260', 9, 12),
    arteries: [
      ...line('11 8 128, 9 -8 122, 6 -12 90, 4 -18 40', 4, 2.8),
      ...line('12 8 138, 10 -10 140, -18 -16 142', 3.6, 2.6),
      ...line('10 -10 140, 46 20 142, 88 36 152', 2.8, 2.2),
      ...line('6 14 92, -20 24 88, -46 28 80', 3, 2.4),
      ...line('16 14 98, 30 24 96, 46 28 92', 3, 2.4),
    ],
    veins: [
      ...line('-21 16 -20, -22 13 70, -25 6 140, -27 0 205, -24 -2 240', 11, 12),
      ...line('-6 -14 20, -5 -16 80, -8 -14 118, -24 -8 134, -42 -12 146', 6, 7.5),
      ...line('-8 -14 118, 20 -10 126, 54 16 138, 88 36 156', 4.6, 4),
      ...line('-20 18 88, -36 24 84, -48 28 78', 4.2, 3.4),
      ...line('-20 16 98, 4 0 100, 28 18 97, 46 27 92', 4.2, 3.4),
    ],
    hepatic: [
      ...inLiver(hilum, [-95, -6, 128], 5.4),
      ...inLiver(hilum, [-80, 26, 165], 5),
      ...inLiver(hilum, [-18, -62, 172], 4.4),
      ...inLiver(cava, [-104, 10, 172], 4.8),
      ...inLiver(cava, [-66, -56, 168], 4.4),
      ...inLiver(cava, [24, -66, 190], 4),
    ],
    lung: [-1, 1].flatMap((side) =>
      Array.from({ length: 9 }, (_, at) =>
        branch(random, [side * 34, 16 - at * 3, 250], [side * (60 + 10 * (at % 5)), 62 - 15 * at, 190], 2.6, 24, 4),
      ).flat(),
    ),
    mesentery: Array.from({ length: 16 }, (_, at) => {
      const aim: Point = [80 * Math.sin(at * 2.4), -66 + 18 * (at % 3), 66 - 7 * at];
      return branch(random, [0, -16, 95 - 6 * at], aim, 2.8, 18, 5);
    }).flat(),
  };
}

/** A twig that wanders towards its aim and forks on the way. */
function branch(
  random: () => number,
  start: Point,
  aim: Point,
  radius: number,
  stepMm: number,
  generations: number,
): Capsule[] {
  if (generations === 0 || radius < 0.6) return [];
  const jitter = () => (random() - 0.5) * stepMm * 0.9;
  const length = Math.hypot(aim[0] - start[0], aim[1] - start[1], aim[2] - start[2]) || 1;
  const towards = (axis: 0 | 1 | 2) => start[axis] + ((aim[axis] - start[axis]) / length) * stepMm + jitter() * 0.5;
  const end: Point = [towards(0), towards(1), towards(2)];
  const piece: Capsule = { from: start, to: end, fromRadiusMm: radius, toRadiusMm: radius * 0.84 };
  const onward = (spread: number): Point => [
    aim[0] + jitter() * spread + (end[0] - start[0]),
    aim[1] + jitter() * spread + (end[1] - start[1]),
    aim[2] + jitter() * spread + (end[2] - start[2]),
  ];
  return [
    piece,
    ...branch(random, end, onward(1.2), radius * 0.8, stepMm * 0.92, generations - 1),
    ...branch(random, end, onward(4), radius * 0.62, stepMm * 0.8, generations - 1),
  ];
}

export function paintVessels(canvas: Canvas, trees: VesselTrees): void {
  const blood = (hu: number) => (pixel: number) => hu + 4 * (canvas.medium[pixel] ?? 0);
  paintTree(canvas, trees.veins, blood(146));
  paintTree(canvas, trees.arteries, blood(AORTA_HU));
  paintTree(canvas, trees.aorta, (pixel, depth) => (depth < 1.3 ? 70 : blood(AORTA_HU)(pixel)), PHANTOM_LABELS.aorta);
}

/** The liver's own label stays: its vessels belong to it. */
export function paintHepaticVessels(canvas: Canvas, trees: VesselTrees, liver: Depth): void {
  paintTree(
    canvas,
    trees.hepatic,
    () => VEIN_HU,
    undefined,
    (pixel) => liver(pixel) - 2.5,
  );
}

export function paintMesentery(canvas: Canvas, trees: VesselTrees, inside: Depth): void {
  paintTree(canvas, trees.mesentery, () => 120, undefined, inside);
}

function deepestOf(shapes: readonly Shape[], pixel: number): number {
  let depth = -9;
  for (const shape of shapes) depth = Math.max(depth, shape.depth(pixel));
  return depth;
}

function paintTree(
  canvas: Canvas,
  tree: readonly Capsule[],
  hu: (pixel: number, depth: number) => number,
  label?: number,
  within: Depth = () => 99,
): void {
  const shapes = tree.flatMap((piece) => capsule(canvas, piece) ?? []);
  for (const { box, depth } of shapes) {
    const near = shapes.filter((other) => other.box.x[0] < box.x[1] && box.x[0] < other.box.x[1]);
    // Where pieces meet the deeper one decides, or walls would show inside the vessel.
    const deepest: Depth = (pixel) => (depth(pixel) < -2 ? -9 : deepestOf(near, pixel));
    paint(canvas, box, label === undefined ? cutBy(depth, within) : deepest, hu, label);
  }
}
