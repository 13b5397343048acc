import { paint, type Canvas } from '../canvas.ts';
import { PHANTOM_LABELS } from '../labels.ts';
import {
  capsule,
  curve,
  join,
  meet,
  superquadric,
  tube,
  type Capsule,
  type Depth,
  type Point,
  type Shape,
} from '../shapes.ts';
import { wallPoint } from './torso.ts';

const LEVEL_MM = 32;
const DISC_MM = 7;
/** Middle of the lowest vertebra in the phantom. */
const LOWEST_Z_MM = -6;
const SPINE_Y_MM = 44;

/** Dense outside, spongy inside. */
const boneHu = (canvas: Canvas, pixel: number, depth: number, cortexMm: number, spongy: number): number =>
  depth < cortexMm ? 680 + 120 * (canvas.fine[pixel] ?? 0) : spongy + 75 * (canvas.fine[pixel] ?? 0);

/** The lumbar lordosis and the thoracic kyphosis. */
const spineYMm = (zMm: number): number => SPINE_Y_MM - 6 * Math.cos((zMm - 40) / 90);

export function paintSpine(canvas: Canvas): void {
  const level = Math.round((canvas.zMm - LOWEST_Z_MM) / LEVEL_MM);
  const middle = LOWEST_Z_MM + level * LEVEL_MM;
  const y = spineYMm(canvas.zMm);
  const width = 25 - 1.1 * level;
  paintBody(canvas, y, middle, width);
  for (const part of archParts(canvas, y, middle, width)) paintBone(canvas, part, 1.4);
  const canal = superquadric(canvas, [0, y + 27.5, canvas.zMm], [11, 8.5, 60], { boxy: 0.16 });
  if (canal) paint(canvas, canal.box, canal.depth, -55, 0);
  const sac = superquadric(canvas, [0, y + 27, canvas.zMm], [8, 6.5, 60]);
  if (sac) paint(canvas, sac.box, sac.depth, (pixel) => 22 + 8 * (canvas.fine[pixel] ?? 0));
  const cord = superquadric(canvas, [0, y + 27, canvas.zMm], [5, 4, 60]);
  if (cord && canvas.zMm > 95) paint(canvas, cord.box, cord.depth, 42);
}

/** Kidney-shaped from above, waisted between its plates, with a disc above and below. */
function paintBody(canvas: Canvas, y: number, middle: number, width: number): void {
  const block = superquadric(canvas, [0, y, canvas.zMm], [width, width * 0.74, 60], { boxy: 0.4 });
  const hollow = superquadric(canvas, [0, y + width * 0.74 + 9, canvas.zMm], [13, 11, 60]);
  if (!block || !hollow) return;
  const fromEnd = (pixel: number) =>
    (LEVEL_MM - DISC_MM) / 2 - Math.abs((canvas.z[pixel] ?? 0) - middle) + 1.3 * (canvas.medium[pixel] ?? 0);
  const outline: Depth = (pixel) => {
    const waist = 2.2 * Math.max(0, Math.min(1, fromEnd(pixel) / 10));
    return meet(block.depth(pixel) - waist, -hollow.depth(pixel), 3);
  };
  paint(canvas, block.box, outline, (pixel) => 78 + 6 * (canvas.medium[pixel] ?? 0));
  const bone: Depth = (pixel) => Math.min(outline(pixel), fromEnd(pixel));
  const hu = (pixel: number, depth: number) => boneHu(canvas, pixel, depth, 1.2, 185);
  paint(canvas, block.box, bone, hu, PHANTOM_LABELS.vertebrae);
}

/** Pedicles, laminae, transverse and spinous processes, and the joints between the arches. */
function archParts(canvas: Canvas, y: number, middle: number, width: number): Shape[] {
  const isThoracic = middle > 150;
  const z = (offset: number) => middle + offset;
  const sides = [1, -1].flatMap((side): Capsule[] => {
    const at = (x: number, dy: number, dz: number): Point => [side * x, y + dy, z(dz)];
    const tip = isThoracic ? at(38, 44, 2) : at(46, 30, 3);
    return [
      { from: at(width * 0.62, 11, 6), to: at(14.5, 28, 5), fromRadiusMm: 6, toRadiusMm: 5 },
      { from: at(14.5, 28, 5), to: at(2, 41, -5), fromRadiusMm: 4.8, toRadiusMm: 4 },
      { from: at(15, 29, 3), to: tip, fromRadiusMm: 4.6, toRadiusMm: 3.6 },
      { from: at(17, 31, 12), to: at(17, 33, -14), fromRadiusMm: 5.2, toRadiusMm: 5.2 },
    ];
  });
  const reach = isThoracic ? -22 : -10;
  const spinous: Capsule = { from: [0, y + 41, z(-4)], to: [0, y + 57, z(reach)], fromRadiusMm: 3.2, toRadiusMm: 3.8 };
  const lowerEdge: Capsule = { ...spinous, from: [0, y + 44, z(reach)] };
  return [...sides, spinous, lowerEdge].flatMap((part) => capsule(canvas, part) ?? []);
}

function paintBone(canvas: Canvas, { box, depth }: Shape, cortexMm: number): void {
  const rough: Depth = (pixel) => depth(pixel) + 0.7 * (canvas.medium[pixel] ?? 0);
  paint(canvas, box, rough, (pixel, d) => boneHu(canvas, pixel, d, cortexMm, 190), PHANTOM_LABELS.vertebrae);
}

interface RibCage {
  readonly ribs: readonly Capsule[];
  readonly cartilage: readonly Capsule[];
}

/** [height at the spine, last angle of bone in radians, descent from spine to tip], from the twelfth rib upwards. */
const RIBS = [
  [170, 1.15, 48],
  [202, 1.75, 88],
  [234, 2.25, 118],
  [266, 2.45, 124],
  [298, 2.5, 120],
  [330, 2.55, 112],
  [362, 2.6, 104],
] as const;

/** Ribs leave the spine backwards, turn in the wall and run down to the front; cartilage carries the arch up to the sternum. */
export function buildRibCage(): RibCage {
  const sides = [1, -1] as const;
  const ribs = sides.flatMap((side) =>
    RIBS.flatMap(([top, lastAngle, descent]) => {
      const steps = 14;
      const neck: Point = [side * 24, spineYMm(top) + 17, top];
      const along = Array.from({ length: steps + 1 }, (_, step) => {
        const angle = 0.55 + ((lastAngle - 0.55) * step) / steps;
        const fall = descent * (step / steps) ** 1.15;
        return wallPoint(side, angle, top - 3 - fall);
      });
      return tube(curve([neck, ...along], 2), (fraction) => 5.2 - 0.9 * Math.abs(fraction - 0.5));
    }),
  );
  const cartilage = sides.flatMap((side) => {
    const arch = [2.25, 2.4, 2.6, 2.85, 3.05].map((angle, step) =>
      wallPoint(side, angle, [116, 132, 160, 196, 226][step] ?? 0),
    );
    return tube(curve(arch, 4), () => 6);
  });
  return { ribs, cartilage };
}

export function paintRibCage(canvas: Canvas, { ribs, cartilage }: RibCage): void {
  for (const piece of cartilage) paintTube(canvas, [piece], (pixel) => 95 + 30 * (canvas.medium[pixel] ?? 0));
  paintTube(canvas, ribs, (pixel, depth) => boneHu(canvas, pixel, depth, 1.5, 170));
  const xiphoid = superquadric(canvas, [0, -91, 252], [17, 5.5, 48], { boxy: 0.2, leanY: -0.06 });
  if (xiphoid) paint(canvas, xiphoid.box, xiphoid.depth, (pixel, depth) => boneHu(canvas, pixel, depth, 1.2, 150));
}

/** Pieces that meet are painted as one, or their ends would show as bars of cortex inside the bone. */
function paintTube(canvas: Canvas, pieces: readonly Capsule[], hu: (pixel: number, depth: number) => number): void {
  const shapes = pieces.flatMap((piece) => capsule(canvas, piece) ?? []);
  for (const { box, depth } of shapes) {
    const near = shapes.filter((other) => overlaps(box, other.box));
    paint(canvas, box, (pixel) => (depth(pixel) < -1 ? -9 : joined(near, pixel)), hu);
  }
}

function joined(shapes: readonly Shape[], pixel: number): number {
  let depth = -9;
  for (const shape of shapes) depth = join(depth, shape.depth(pixel), 1);
  return depth;
}

const overlaps = (a: Shape['box'], b: Shape['box']): boolean =>
  a.x[0] < b.x[1] && b.x[0] < a.x[1] && a.y[0] < b.y[1] && b.y[0] < a.y[1];
