import { framesByPlace, placeThicknessesMm } from '../geometry/seriesGeometry.ts';
import type { SeriesFrame } from '../messages/series.ts';
import { countPixels, forEachRun, type Runs } from './runs.ts';
import { union } from './sets.ts';

/**
 * Volume of a stack of masks in millilitres; undefined where pixel spacing or slice distance is not known. Frames at one place
 * show the same tissue: a pixel that several of them mark counts once.
 * @param frames - In geometric order.
 */
export function volumeMl(frames: readonly SeriesFrame[], runsOf: (frame: SeriesFrame) => Runs): number | undefined {
  const places = framesByPlace(frames);
  const thicknesses = placeThicknessesMm(places);
  let mm3 = 0;
  for (const [k, { frames: here }] of places.entries()) {
    const pixels = countPixels(here.map(runsOf).reduce(union));
    if (pixels === 0) continue;
    const thickness = thicknesses[k];
    const spacing = here[0]?.pixelSpacing;
    if (!spacing || thickness === undefined) return undefined;
    mm3 += pixels * spacing[0] * spacing[1] * thickness;
  }
  return mm3 / 1000;
}

type Point = readonly [x: number, y: number];

const turn = (o: Point, a: Point, b: Point) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);

/** One half of the convex hull of points sorted by x, then y (Andrew's monotone chain). */
function chain(points: readonly Point[]): Point[] {
  const hull: Point[] = [];
  for (const p of points) {
    for (;;) {
      const [o, a] = hull.slice(-2);
      if (!o || !a || turn(o, a, p) > 0) break;
      hull.pop();
    }
    hull.push(p);
  }
  return hull;
}

/**
 * Longest diameter of a mask in its own plane, mm, between the centres of its outermost pixels (RECIST 1.1 measures the
 * longest diameter in the plane of acquisition).
 * @param spacing - [row spacing, column spacing] in mm, as PixelSpacing (0028,0030).
 */
export function longestDiameterMm(runs: Runs, columns: number, spacing: readonly [number, number]): number {
  const ends: Point[] = [];
  const mm = (at: number): Point => [(at % columns) * spacing[1], Math.floor(at / columns) * spacing[0]];
  forEachRun(runs, (start, end) => {
    for (let at = start; at < end;) {
      const rowEnd = Math.min(end, (Math.floor(at / columns) + 1) * columns);
      ends.push(mm(at), mm(rowEnd - 1));
      at = rowEnd;
    }
  });
  ends.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const hull = [...chain(ends), ...chain([...ends].reverse())];
  let longest = 0;
  for (const a of hull) for (const b of hull) longest = Math.max(longest, Math.hypot(a[0] - b[0], a[1] - b[1]));
  return longest;
}
