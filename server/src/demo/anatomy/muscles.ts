import { paint, type Canvas } from '../canvas.ts';
import { capsule, superquadric, type Depth } from '../shapes.ts';
import { muscleHu, type Torso } from './torso.ts';

/** The muscles beside the spine, and the legs of the diaphragm in front of it. */
export function paintMuscles(canvas: Canvas, torso: Torso): void {
  const z = canvas.zMm;
  for (const side of [1, -1] as const) {
    const psoas = Math.max(0, Math.min(1, (125 - z) / 110));
    const growing = [
      {
        at: [side * (29 + 13 * psoas), 47 + 2 * psoas],
        radii: [6 + 13 * psoas, 8 + 16 * psoas],
        turn: 0.3,
        visible: z < 125,
      },
      { at: [side * 68, 64 - z * 0.02], radii: [21, 10], turn: 0.35, visible: z < 105 },
      { at: [side * 37, 80], radii: [30, 17], turn: -0.06, visible: true },
      { at: [side * 15, 84], radii: [10, 13], turn: 0, visible: true },
    ] as const;
    for (const { at, radii, turn, visible } of growing) {
      const muscle = superquadric(canvas, [at[0], at[1], z], [radii[0], radii[1], 90], {
        boxy: 0.24,
        turn: turn * side,
      });
      if (!muscle || !visible) continue;
      // Fat septa between the muscle and its neighbours.
      const depth: Depth = (p) =>
        Math.min(muscle.depth(p), (torso.muscle[p] ?? 0) - 0.5) + 0.8 * (canvas.medium[p] ?? 0);
      paint(canvas, muscle.box, (p) => depth(p) + 1.6, -70);
      paint(canvas, muscle.box, depth, (p) => muscleHu(canvas, p));
    }
  }
  for (const side of [1, -1]) {
    const crus = capsule(canvas, {
      from: [side * 15, 22, 85],
      to: [side * 13, 10, 190],
      fromRadiusMm: 4,
      toRadiusMm: 5,
    });
    if (crus) paint(canvas, crus.box, crus.depth, (p) => muscleHu(canvas, p));
  }
}
