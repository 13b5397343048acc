import { EDGE_MM, type BoxMm, type Canvas } from './canvas.ts';

/** Distance to a surface in millimetres at a pixel, positive inside. */
export type Depth = (pixel: number) => number;

export interface Shape {
  readonly box: BoxMm;
  readonly depth: Depth;
}

export type Point = readonly [xMm: number, yMm: number, zMm: number];

/** Points written as `x y z, x y z, ...` in millimetres. */
export const path = (text: string): Point[] =>
  text.split(',').map((point) => {
    const [x = 0, y = 0, z = 0] = point.trim().split(' ').map(Number);
    return [x, y, z];
  });

/** Smooth maximum of two depths: organs that grow together without a crease. */
export function join(a: number, b: number, softnessMm: number): number {
  const h = Math.max(softnessMm - Math.abs(a - b), 0) / softnessMm;
  return Math.max(a, b) + (h * h * softnessMm) / 4;
}
/** Smooth minimum: what is inside both. */
export const meet = (a: number, b: number, softnessMm: number): number => -join(-a, -b, softnessMm);

/** What is inside both. The second, which may be dear, is only asked where the first would be painted. */
export const cutBy =
  (depth: Depth, other: Depth, combine: (a: number, b: number) => number = Math.min): Depth =>
  (pixel) => {
    const own = depth(pixel);
    return own <= -EDGE_MM ? own : combine(own, other(pixel));
  };

/** Length of a vector between the Euclidean one (boxy = 0) and the fourth-power one (1): ellipses that turn into boxes. */
export function norm(u: number, v: number, w: number, boxy: number): number {
  const uu = u * u;
  const vv = v * v;
  const ww = w * w;
  const round = Math.sqrt(uu + vv + ww);
  return boxy === 0 ? round : (1 - boxy) * round + boxy * Math.sqrt(Math.sqrt(uu * uu + vv * vv + ww * ww));
}

interface Pose {
  /** 0 is an ellipsoid, 1 nearly a box. */
  readonly boxy?: number;
  /** Rotation about z in radians; positive turns +x towards +y. */
  readonly turn?: number;
  /** Shift per millimetre of height. */
  readonly leanX?: number;
  readonly leanY?: number;
}

/** A rounded body with three half axes; undefined where the slice misses it. */
export function superquadric(
  canvas: Canvas,
  [cx, cy, cz]: Point,
  radiiMm: Point,
  { boxy = 0, turn = 0, leanX = 0, leanY = 0 }: Pose = {},
): Shape | undefined {
  const [rx, ry, rz] = radiiMm;
  if (Math.abs(canvas.zMm - cz) > rz + 8) return undefined;
  const reach = Math.max(rx, ry) + 8;
  const [shiftX, shiftY] = [leanX * (canvas.zMm - cz), leanY * (canvas.zMm - cz)];
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const least = Math.min(rx, ry, rz);
  return {
    box: { x: [cx + shiftX - reach, cx + shiftX + reach], y: [cy + shiftY - reach, cy + shiftY + reach] },
    depth: (pixel) => {
      const dz = (canvas.z[pixel] ?? 0) - cz;
      const dx = (canvas.x[pixel] ?? 0) - cx - leanX * dz;
      const dy = (canvas.y[pixel] ?? 0) - cy - leanY * dz;
      const radius = norm((cos * dx + sin * dy) / rx, (cos * dy - sin * dx) / ry, dz / rz, boxy);
      // Near the surface one step of radius is about as long as the local half axis; the least one keeps edges sharp.
      return (1 - radius) * least * (1 + 0.5 * (Math.max(rx, ry) / least - 1) * Math.min(1, radius));
    },
  };
}

/** A piece of a tube with round ends whose radius changes evenly. */
export interface Capsule {
  readonly from: Point;
  readonly to: Point;
  readonly fromRadiusMm: number;
  readonly toRadiusMm: number;
}

/** Distance to a tube, or undefined where the slice misses it. */
export function capsule(canvas: Canvas, { from, to, fromRadiusMm, toRadiusMm }: Capsule): Shape | undefined {
  const radius = Math.max(fromRadiusMm, toRadiusMm);
  // As far as the body's displacement may bring it into the slice; what that does within the slice, the canvas allows for.
  const reach = radius + 8;
  if (canvas.zMm < Math.min(from[2], to[2]) - reach || canvas.zMm > Math.max(from[2], to[2]) + reach) return undefined;
  const [ax, ay, az] = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
  const lengthSquared = ax * ax + ay * ay + az * az || 1;
  const [low, high] = partNear(canvas.zMm, from[2], az, reach);
  const across = (axis: 0 | 1): [number, number] => {
    const ends = [low, high].map((t) => from[axis] + t * (to[axis] - from[axis]));
    return [Math.min(...ends) - radius - 1, Math.max(...ends) + radius + 1];
  };
  return {
    box: { x: across(0), y: across(1) },
    depth: (pixel) => {
      const x = (canvas.x[pixel] ?? 0) - from[0];
      const y = (canvas.y[pixel] ?? 0) - from[1];
      const z = (canvas.z[pixel] ?? 0) - from[2];
      const t = Math.max(0, Math.min(1, (x * ax + y * ay + z * az) / lengthSquared));
      const dx = x - t * ax;
      const dy = y - t * ay;
      const dz = z - t * az;
      return fromRadiusMm + t * (toRadiusMm - fromRadiusMm) - Math.sqrt(dx * dx + dy * dy + dz * dz);
    },
  };
}

/** The stretch of a segment, as fractions, that comes within `reach` of the slice. */
function partNear(zMm: number, fromZ: number, dz: number, reach: number): [number, number] {
  if (Math.abs(dz) < 1e-6) return [0, 1];
  const ends = [(zMm - reach - fromZ) / dz, (zMm + reach - fromZ) / dz].map((t) => Math.max(0, Math.min(1, t)));
  return [Math.min(...ends), Math.max(...ends)];
}

/** A tube along points, with one radius at each. */
export function tube(points: readonly Point[], radiusMm: (fraction: number) => number): Capsule[] {
  return points.slice(1).map((to, index) => ({
    from: points[index] ?? to,
    to,
    fromRadiusMm: radiusMm(index / (points.length - 1)),
    toRadiusMm: radiusMm((index + 1) / (points.length - 1)),
  }));
}

/** A smooth curve through points (Catmull-Rom), `perStretch` pieces between two of them. */
export function curve(points: readonly Point[], perStretch = 6): Point[] {
  const at = (index: number): Point => points[Math.max(0, Math.min(points.length - 1, index))] ?? [0, 0, 0];
  const piece = (i: number, t: number): Point => {
    const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    const axis = (n: 0 | 1 | 2) =>
      0.5 *
      (2 * b[n] +
        (c[n] - a[n]) * t +
        (2 * a[n] - 5 * b[n] + 4 * c[n] - d[n]) * t * t +
        (3 * b[n] - a[n] - 3 * c[n] + d[n]) * t ** 3);
    return [axis(0), axis(1), axis(2)];
  };
  const inner = points
    .slice(1)
    .flatMap((_, i) => Array.from({ length: perStretch }, (__, k) => piece(i, k / perStretch)));
  return [...inner, at(points.length - 1)];
}
