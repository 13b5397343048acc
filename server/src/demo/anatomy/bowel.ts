import { PIXEL_MM, SIZE, paint, type Canvas } from '../canvas.ts';
import { randomStream } from '../noise.ts';
import { capsule, curve, cutBy, meet, path, tube, type Capsule, type Depth, type Point } from '../shapes.ts';

export interface Bowel {
  readonly small: readonly Capsule[];
  readonly colon: readonly Capsule[];
  readonly duodenum: readonly Capsule[];
}

export function buildBowel(seed: number): Bowel {
  const random = randomStream(seed);
  const jitter = (mm: number) => (random() - 0.5) * mm;
  const loops: Point[] = [];
  // A thread laid to and fro through the lower belly, in front of kidneys and great vessels.
  for (const [layer, z] of [-8, 12, 32, 54, 76].entries())
    for (const [row, y] of [-10, -36, -62].entries())
      for (const step of [0, 1, 2, 3, 4, 5, 6]) {
        // Jejunum lies to the left and reaches higher.
        const x = -70 + 14 * layer + 25 * ((layer + row) % 2 === 0 ? step : 6 - step);
        if (x > 96) continue;
        loops.push([x + jitter(18), y + jitter(18), z + jitter(26)]);
      }
  const haustra = (t: number) => 18 + 3.2 * Math.sin(t * 95) - 3 * t;
  return {
    small: tube(curve(loops, 4), (t) => 10.5 + 2.5 * Math.sin(t * 61)),
    colon: [
      ...tube(curve(path('-98 4 -30, -100 2 10, -103 4 40, -98 -14 62')), haustra),
      ...tube(curve(path('-98 -14 62, -70 -66 58, -20 -82 44, 40 -80 62, 84 -52 98, 104 6 116')), haustra),
      ...tube(curve(path('104 6 116, 112 24 90, 110 26 40, 106 20 -30')), (t) => haustra(t) - 5),
    ],
    duodenum: tube(curve(path('-24 -56 104, -50 -20 100, -48 2 72, -20 0 52, 20 -4 58, 34 -26 70')), () => 10),
  };
}

const levelMm = (pixel: number): number => (Math.floor(pixel / SIZE) - (SIZE - 1) / 2) * PIXEL_MM;

export function paintBowel(canvas: Canvas, bowel: Bowel, inside: Depth): void {
  paintGut(canvas, bowel.duodenum, inside, 2.4, () => 30);
  // Lining with fine folds, content between fluid and paste.
  paintGut(
    canvas,
    bowel.small,
    inside,
    2.6,
    (p) => 28 + 34 * Math.max(0, canvas.fine[p] ?? 0) + 14 * (canvas.coarse[p] ?? 0),
  );
  paintGut(canvas, bowel.colon, inside, 2.2, colonContent(canvas));
}

/** Stool with bubbles of gas in it, and free gas on top. */
const colonContent = (canvas: Canvas) => (pixel: number) => {
  const [medium, fine] = [canvas.medium[pixel] ?? 0, canvas.fine[pixel] ?? 0];
  if (levelMm(pixel) < -78 + 8 * (canvas.coarse[pixel] ?? 0)) return -960;
  return fine + 0.5 * medium > 0.66 ? -420 : 32 + 40 * medium;
};

function paintGut(
  canvas: Canvas,
  pieces: readonly Capsule[],
  inside: Depth,
  wallMm: number,
  content: (pixel: number) => number,
): void {
  const shapes = pieces.flatMap((piece) => capsule(canvas, piece) ?? []);
  const chains = shapes.map(({ box, depth }) => ({
    box,
    depth: cutBy(
      (p) => depth(p) + 1.3 * (canvas.medium[p] ?? 0),
      (p) => inside(p) - 1,
      (gut, wall) => meet(gut, wall, 3),
    ),
  }));
  for (const { box, depth } of chains) paint(canvas, box, depth, 92);
  for (const { box, depth } of chains) paint(canvas, box, (p) => depth(p) - wallMm, content);
}
