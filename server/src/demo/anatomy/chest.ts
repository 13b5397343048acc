import { EVERYWHERE, paint, type Canvas } from '../canvas.ts';
import { PHANTOM_LABELS } from '../labels.ts';
import { capsule, cutBy, superquadric, type Capsule } from '../shapes.ts';
import type { Torso } from './torso.ts';

const dome = (dx: number, dy: number, heightMm: number): number =>
  heightMm * Math.exp(-(dx * dx + dy * dy) / (2 * 48 * 48));

/**
 * Height of the diaphragm above each pixel's tissue, positive below it: two domes, high in the middle of each side and low
 * along the wall, lowest at the back. Organs of the abdomen end there, and lungs reach down beside them.
 */
export function measureDiaphragm(canvas: Canvas, { cavity }: Torso): Float32Array {
  return cavity.map((depth, pixel) => {
    if (depth < 0) return depth;
    const x = canvas.x[pixel] ?? 0;
    const y = canvas.y[pixel] ?? 0;
    const z = canvas.z[pixel] ?? 0;
    const back = Math.max(-1, Math.min(1, y / 75));
    const edge = 172 - 38 * back;
    const top = 205 + dome(x + 68, y + 12, 22) + dome(x - 72, y + 12, 9);
    const rise = 1 - (1 - Math.max(0, Math.min(1, depth / 62))) ** 2.4;
    return edge + (top - edge) * rise - z;
  });
}

/** The lungs' vessels: branches that grow thinner from the hilum outwards. */
export function paintLungs(
  canvas: Canvas,
  torso: Torso,
  belowDiaphragm: Float32Array,
  branches: readonly Capsule[],
): void {
  const depthAt = (pixel: number): number => {
    const x = Math.abs(canvas.x[pixel] ?? 0);
    const y = canvas.y[pixel] ?? 0;
    // Between the lungs: oesophagus, aorta and the spine at the back, the heart in front.
    const mediastinum = y > 20 ? 27 - 0.12 * (y - 20) : 27 - 0.1 * (20 - y);
    return Math.min((torso.cavity[pixel] ?? 0) - 0.5, -(belowDiaphragm[pixel] ?? 0) * 0.6, x - mediastinum);
  };
  const tissue = (pixel: number) =>
    -868 + 22 * (canvas.medium[pixel] ?? 0) + 25 * (canvas.fine[pixel] ?? 0) + 0.35 * (canvas.y[pixel] ?? 0);
  paint(canvas, EVERYWHERE, depthAt, tissue, PHANTOM_LABELS.lungs);
  for (const branch of branches) {
    const shape = capsule(canvas, branch);
    if (shape) paint(canvas, shape.box, cutBy(shape.depth, depthAt), 45);
  }
}

/** The lower heart in its fat: muscle around two chambers full of contrast. */
export function paintHeart(canvas: Canvas, belowDiaphragm: Float32Array): void {
  const sac = superquadric(canvas, [22, -48, 262], [74, 54, 62], { turn: 0.35 });
  const muscle = superquadric(canvas, [24, -48, 260], [62, 45, 52], { turn: 0.35 });
  const left = superquadric(canvas, [40, -38, 266], [34, 22, 48], { turn: 0.45 });
  const right = superquadric(canvas, [-6, -58, 262], [33, 20, 45], { turn: 0.3 });
  const above = (pixel: number) => -(belowDiaphragm[pixel] ?? 0) * 0.8 + 3;
  if (sac) paint(canvas, sac.box, cutBy(sac.depth, above), -92);
  const { heart } = PHANTOM_LABELS;
  if (muscle) paint(canvas, muscle.box, cutBy(muscle.depth, above), (p) => 105 + 5 * (canvas.medium[p] ?? 0), heart);
  for (const [chamber, hu] of [
    [left, 158],
    [right, 150],
  ] as const)
    if (chamber)
      paint(
        canvas,
        chamber.box,
        (p) => Math.min(chamber.depth(p), above(p) - 6) + 2 * (canvas.medium[p] ?? 0),
        hu,
        heart,
      );
}
