import { PIXEL_MM, SIZE, paint, type Canvas } from '../canvas.ts';
import { PHANTOM_LABELS } from '../labels.ts';
import { capsule, curve, cutBy, join, meet, path, superquadric, tube, type Depth, type Shape } from '../shapes.ts';
import type { Torso } from './torso.ts';

const L = PHANTOM_LABELS;

/** What bounds the organs of the belly: the wall, with a little fat, and the diaphragm. */
export interface Abdomen {
  readonly inside: Depth;
}

export function boundAbdomen(torso: Torso, belowDiaphragm: Float32Array): Abdomen {
  return { inside: (pixel) => Math.min((torso.cavity[pixel] ?? 0) - 1.2, (belowDiaphragm[pixel] ?? 0) * 0.6 - 1) };
}

const missing: Depth = () => -99;
const depthOf = (shape: Shape | undefined): Depth => shape?.depth ?? missing;
const texture = (canvas: Canvas, hu: number, spread: number) => (pixel: number) =>
  hu + spread * (0.6 * (canvas.medium[pixel] ?? 0) + 0.4 * (canvas.fine[pixel] ?? 0));
/** True height in the scanner: fluid levels are flat whatever the body does. */
const levelMm = (pixel: number): number => (Math.floor(pixel / SIZE) - (SIZE - 1) / 2) * PIXEL_MM;

/** Where the liver is: a big right lobe against the wall, a thin left one across the middle, a hollow under side. */
export function liverDepth(canvas: Canvas, { inside }: Abdomen): Shape | undefined {
  if (canvas.zMm < 55) return undefined;
  const right = depthOf(superquadric(canvas, [-92, -2, 150], [88, 92, 88], { boxy: 0.08, leanX: 0.12 }));
  const left = depthOf(superquadric(canvas, [-8, -64, 190], [98, 38, 52], { boxy: 0.16, turn: -0.12, leanY: 0.1 }));
  const caudate = depthOf(superquadric(canvas, [-16, -12, 172], [19, 18, 30]));
  const kidneyBed = depthOf(superquadric(canvas, [-52, 52, 78], [46, 42, 74], { leanX: -0.12 }));
  const hilum = depthOf(superquadric(canvas, [-6, -20, 104], [62, 44, 52], { turn: 0.4 }));
  const spineBed = depthOf(superquadric(canvas, [2, 50, canvas.zMm], [42, 44, 60]));
  const fissure = depthOf(superquadric(canvas, [-22, -74, 150], [5, 40, 42], { turn: 0.25 }));
  const hollows = [kidneyBed, hilum, spineBed, fissure];
  const depth: Depth = (pixel) => {
    const wall = inside(pixel);
    let d = wall < -3 ? wall : join(join(right(pixel), left(pixel), 14), caudate(pixel), 8);
    if (d < -3) return d;
    for (const hollow of hollows) d = meet(d, -hollow(pixel) - 2, 9);
    return meet(d + 2 * (canvas.coarse[pixel] ?? 0), wall, 4);
  };
  return { box: { x: [-165, 100], y: [-115, 95] }, depth };
}

export function paintLiver(canvas: Canvas, liver: Shape): void {
  paint(canvas, liver.box, liver.depth, texture(canvas, 112, 9), L.liver);
}

/** A metastasis: darker than the liver, with a paler rim and an uneven edge. */
export function paintLiverLesion(canvas: Canvas, liver: Shape): void {
  const lesion = superquadric(canvas, [-96, 4, 148], [15, 13, 14], { turn: 0.5 });
  if (!lesion) return;
  const depth = cutBy(
    (p) => lesion.depth(p) + 2.2 * (canvas.medium[p] ?? 0),
    (p) => liver.depth(p) - 3,
  );
  const hu = (p: number, d: number) => (d < 2.5 ? 82 : 52) + 6 * (canvas.fine[p] ?? 0);
  paint(canvas, lesion.box, depth, hu, L.liverLesion);
}

export function paintGallbladder(canvas: Canvas): void {
  const sac = superquadric(canvas, [-48, -52, 92], [15, 17, 27], { leanY: 0.25, leanX: 0.1 });
  if (sac) paint(canvas, sac.box, sac.depth, (_, depth) => (depth < 1.5 ? 65 : 9), L.gallbladder);
}

export function paintSpleen(canvas: Canvas, { inside }: Abdomen): void {
  const whole = superquadric(canvas, [106, 34, 160], [40, 52, 54], { boxy: 0.16, turn: -0.35 });
  const stomachBed = depthOf(superquadric(canvas, [64, -10, 168], [46, 44, 60], { turn: -0.2, leanY: 0.3 }));
  const kidneyBed = depthOf(superquadric(canvas, [60, 46, 95], [36, 34, 72], { leanX: 0.1 }));
  if (!whole) return;
  const depth: Depth = (pixel) => {
    const lobed = whole.depth(pixel) + 2.5 * (canvas.coarse[pixel] ?? 0);
    return meet(meet(meet(lobed, -stomachBed(pixel), 6), -kidneyBed(pixel), 6), inside(pixel) - 1, 4);
  };
  paint(canvas, whole.box, depth, texture(canvas, 122, 7), L.spleen);
}

interface KidneyPlace {
  readonly side: 1 | -1;
  readonly zMm: number;
  readonly label: number;
}
export const KIDNEYS: readonly KidneyPlace[] = [
  { side: -1, zMm: 78, label: L.kidneyRight },
  { side: 1, zMm: 92, label: L.kidneyLeft },
];

/** Bean with a bright cortex, columns between darker pyramids, and fat around the pelvis in its hollow. */
export function paintKidney(canvas: Canvas, { side, zMm, label }: KidneyPlace): void {
  const lean = { leanX: -0.2 * side, leanY: -0.12 };
  const bean = superquadric(canvas, [side * 64, 35, zMm], [30, 26, 56], { ...lean, boxy: 0.08, turn: 0.55 * side });
  const hollow = depthOf(superquadric(canvas, [side * 38, 23, zMm], [14, 9, 20], { ...lean, turn: 0.5 * side }));
  const sinus = superquadric(canvas, [side * 54, 31, zMm], [15, 7.5, 33], { ...lean, turn: 0.5 * side });
  const pelvis = superquadric(canvas, [side * 44, 27, zMm - 2], [15, 4.5, 11], { ...lean, turn: 0.5 * side });
  if (!bean) return;
  const depth: Depth = (p) => meet(bean.depth(p) + 1.2 * (canvas.coarse[p] ?? 0), -hollow(p), 5);
  const hu = (p: number, d: number) =>
    d < 6.5 + 3 * (canvas.medium[p] ?? 0) ? 188 : 158 + 22 * (canvas.medium[p] ?? 0);
  paint(canvas, bean.box, depth, hu, label);
  if (sinus) paint(canvas, sinus.box, (p) => sinus.depth(p) + 2.5 * (canvas.medium[p] ?? 0), -85, 0);
  if (pelvis) paint(canvas, pelvis.box, (p) => pelvis.depth(p) + (canvas.medium[p] ?? 0), 18, 0);
}

/** A solid tumour that bulges out of the left kidney. */
export function paintKidneyLesion(canvas: Canvas): void {
  const mass = superquadric(canvas, [92, 32, 76], [15, 14, 15]);
  if (!mass) return;
  const depth: Depth = (p) => mass.depth(p) + 1.5 * (canvas.medium[p] ?? 0);
  paint(canvas, mass.box, depth, (p, d) => (d > 8 ? 48 : 78) + 14 * (canvas.medium[p] ?? 0), L.kidneyLesion);
}

/** Fat around the kidneys is bounded by a fascia, a hair's breadth of tissue. */
export function paintFascia(canvas: Canvas): void {
  for (const { side, zMm } of KIDNEYS) {
    const sheath = superquadric(canvas, [side * 66, 40, zMm], [44, 40, 80], { leanX: -0.12 * side });
    if (sheath)
      paint(
        canvas,
        sheath.box,
        (p) => 0.5 * (canvas.medium[p] ?? 0) - Math.abs(sheath.depth(p) + 5 * (canvas.coarse[p] ?? 0)),
        -45,
      );
  }
}

export function paintAdrenals(canvas: Canvas): void {
  const limbs = [-1, 1].flatMap((side) => {
    const z = side < 0 ? 138 : 148;
    const at = (x: number, y: number, dz: number) => [side * x, y, z + dz] as const;
    return [
      { from: at(34, 18, 10), to: at(40, 38, -10), fromRadiusMm: 2.6, toRadiusMm: 2 },
      { from: at(34, 18, 10), to: at(50, 34, -8), fromRadiusMm: 2.6, toRadiusMm: 2 },
    ];
  });
  for (const limb of limbs.flatMap((each) => capsule(canvas, each) ?? [])) paint(canvas, limb.box, limb.depth, 82);
}

const PANCREAS = tube(
  curve(path('-30 -8 78, -26 -12 96, -6 -28 112, 22 -24 122, 48 2 132, 76 20 142')),
  (t) => 13 - 4.5 * t,
);

/** Lobules of gland with fat between them. */
export function paintPancreas(canvas: Canvas): void {
  for (const piece of PANCREAS.flatMap((each) => capsule(canvas, each) ?? [])) {
    const lobed: Depth = (p) => piece.depth(p) + 2.8 * (canvas.medium[p] ?? 0);
    paint(canvas, piece.box, lobed, (p) => ((canvas.fine[p] ?? 0) > 0.5 ? -10 : 96 + 10 * (canvas.medium[p] ?? 0)));
  }
}

/** Wall, fluid with food in it, and air above. */
export function paintStomach(canvas: Canvas, { inside }: Abdomen): void {
  const fundus = superquadric(canvas, [64, -14, 172], [44, 38, 56], { turn: -0.25, leanY: 0.3 });
  const body = superquadric(canvas, [58, -44, 140], [40, 34, 52], { turn: 0.3, leanX: 0.15 });
  const antrum = superquadric(canvas, [6, -62, 108], [50, 22, 23], { turn: -0.2 });
  const shapes = [fundus, body, antrum].filter((shape) => shape !== undefined);
  if (shapes.length === 0) return;
  const wall: Depth = (p) => {
    let lumen = -99;
    for (const shape of shapes) lumen = join(lumen, shape.depth(p), 12);
    return meet(lumen + 2 * (canvas.coarse[p] ?? 0), inside(p), 4);
  };
  const content = (p: number, depth: number): number => {
    // Folds of the lining reach into the lumen.
    if (depth < 3.6 + 2.4 * Math.max(0, canvas.medium[p] ?? 0)) return 78;
    return levelMm(p) < -34 ? -975 : 24 + 26 * Math.max(0, canvas.medium[p] ?? 0);
  };
  paint(canvas, { x: [-70, 130], y: [-110, 70] }, wall, content, L.stomach);
}
