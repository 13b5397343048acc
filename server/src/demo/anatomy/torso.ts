import { EVERYWHERE, PIXEL_MM, SIZE, paint, type Canvas } from '../canvas.ts';
import { norm, type Point } from '../shapes.ts';

/** Depths below the three surfaces of the trunk at each pixel, millimetres, positive inside. */
export interface Torso {
  readonly skin: Float32Array;
  readonly muscle: Float32Array;
  /** Chest and abdomen: what the body wall encloses. */
  readonly cavity: Float32Array;
}

const BOXY = 0.3;
const SKIN_MM = 2;
/** No skin is farther from the axis of the body. */
const FARTHEST_MM = 180;
const OUTSIDE_MM = -99;

const clamp01 = (t: number): number => Math.max(0, Math.min(1, t));
const ramp = (t: number, from: number, to: number): number => {
  const u = clamp01((t - from) / (to - from));
  return u * u * (3 - 2 * u);
};

/** Distance from the axis of the body to the skin in a direction (unit vector, +y to the back). */
function skinRadiusMm(dx: number, dy: number, zMm: number): number {
  const halfWidth = 161 + 5 * Math.sin(zMm / 75);
  const halfDepth = dy > 0 ? 108 : 113 + 3 * Math.cos(zMm / 60);
  // The furrow over the spine.
  return 1 / norm(dx / halfWidth, dy / halfDepth, 0, BOXY) - 5 * ramp(dy, 0.965, 1);
}

/** Thickness of the fat under the skin: most at the flanks and the back, little over spine and breastbone. */
function fatMm(dx: number, dy: number, zMm: number): number {
  const flank = Math.abs(dx) * Math.max(0, dy) * 2;
  return 11 + 9 * flank + 5 * ramp(-dy, 0.3, 0.9) * (1 - zMm / 300) - 6 * ramp(dy, 0.9, 1);
}

/** Thickness of muscle and ribs; beside the spine lie the long muscles of the back. */
const wallMm = (dx: number, dy: number): number => 11 + 3 * Math.abs(dx) + 16 * ramp(dy, 0.72, 0.93);

/** The middle of the body wall, where ribs run, in a direction given as an angle from the back (0) to the front (pi). */
export function wallPoint(side: 1 | -1, angle: number, zMm: number): Point {
  const [dx, dy] = [side * Math.sin(angle), Math.cos(angle)];
  const backMuscle = 7 * ramp(dy, 0.72, 0.93);
  const radius = skinRadiusMm(dx, dy, zMm) - fatMm(dx, dy, zMm) - 0.55 * wallMm(dx, dy) - backMuscle;
  return [dx * radius, dy * radius, zMm];
}

export function measureTorso(canvas: Canvas): Torso {
  const skin = new Float32Array(SIZE * SIZE);
  const muscle = new Float32Array(SIZE * SIZE);
  const cavity = new Float32Array(SIZE * SIZE);
  for (let pixel = 0; pixel < skin.length; pixel++) {
    const x = canvas.x[pixel] ?? 0;
    const y = canvas.y[pixel] ?? 0;
    const r = Math.sqrt(x * x + y * y) || 1e-6;
    if (r > FARTHEST_MM) {
      skin[pixel] = muscle[pixel] = cavity[pixel] = OUTSIDE_MM;
      continue;
    }
    const depth = skinRadiusMm(x / r, y / r, canvas.zMm) - r;
    const bump = canvas.coarse[pixel] ?? 0;
    skin[pixel] = depth;
    muscle[pixel] = depth - fatMm(x / r, y / r, canvas.zMm) - 1.5 * bump;
    cavity[pixel] = (muscle[pixel] ?? 0) - wallMm(x / r, y / r);
  }
  return { skin, muscle, cavity };
}

/** Skin, fat, the layers of the body wall, and fat inside: everything else is painted over it. */
export function paintTorso(canvas: Canvas, torso: Torso): void {
  const at = (field: Float32Array) => (pixel: number) => field[pixel] ?? 0;
  paint(canvas, EVERYWHERE, at(torso.skin), (pixel, depth) => (depth < SKIN_MM ? 5 : fat(canvas, pixel)));
  paint(canvas, EVERYWHERE, at(torso.muscle), (pixel, depth) => wallMuscle(canvas, pixel, depth));
  paint(canvas, EVERYWHERE, at(torso.cavity), (pixel) => fat(canvas, pixel) + 6);
}

/** Lobules between thin strands of connective tissue. */
function fat(canvas: Canvas, pixel: number): number {
  const strand = Math.abs(canvas.medium[pixel] ?? 0) < 0.035 ? 28 : 0;
  return -106 + strand + 5 * (canvas.fine[pixel] ?? 0);
}

/** At the flanks three muscles with fat between them; in front the two straight ones, lens-shaped and parted in the middle. */
function wallMuscle(canvas: Canvas, pixel: number, depth: number): number {
  const x = canvas.x[pixel] ?? 0;
  const y = canvas.y[pixel] ?? 0;
  const tissue = muscleHu(canvas, pixel);
  const bump = canvas.coarse[pixel] ?? 0;
  if (y < -50 && Math.abs(x) < 72) {
    const bulge = 1 - ((Math.abs(x) - 36) / 34) ** 2;
    return depth < 2.2 + 9.5 * Math.sqrt(Math.max(0, bulge)) + bump ? tissue : -88;
  }
  const isFlank = y < 62 && canvas.zMm < 165;
  const gap = isFlank ? Math.min(Math.abs(depth - 4.4 - bump), Math.abs(depth - 8.8 - 0.6 * bump)) : Infinity;
  return gap < 0.55 + 0.9 * (canvas.medium[pixel] ?? 0) ? -35 : tissue;
}

/** Muscle with fat between its fibres. */
export function muscleHu(canvas: Canvas, pixel: number): number {
  const fatty = (canvas.fine[pixel] ?? 0) + 0.6 * (canvas.medium[pixel] ?? 0) > 0.78 ? -45 : 0;
  return 60 + 6 * (canvas.medium[pixel] ?? 0) + fatty;
}

/** The couch: a curved plate of foam in a thin shell. It does not move with the body. */
export function paintTable(canvas: Canvas): void {
  for (let pixel = 0; pixel < canvas.hu.length; pixel++) {
    if ((canvas.hu[pixel] ?? 0) > -900) continue;
    const x = ((pixel % SIZE) - SIZE / 2) * PIXEL_MM;
    const y = (Math.floor(pixel / SIZE) - SIZE / 2) * PIXEL_MM;
    const upper = 113 - (x / 46) ** 2;
    const lower = 150 - (x / 26) ** 2 * 0.75;
    if (Math.abs(x) > 178 || y < upper || y > lower) continue;
    const shell = Math.min(1, Math.max(0, 3 - Math.min(y - upper, lower - y)));
    canvas.hu[pixel] = -940 + 980 * shell;
  }
}
