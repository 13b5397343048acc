import { encodeRuns } from '@ohif-medsam/protocol';
import { describe, expect, it } from 'vitest';
import { outlinesOf } from './outlines.ts';

const columns = 20;
const maskOf = (isInside: (x: number, y: number) => boolean) =>
  encodeRuns(
    Uint8Array.from({ length: columns * 15 }, (_, at) => (isInside(at % columns, Math.floor(at / columns)) ? 1 : 0)),
  );
/** Signed area, by which holes take away (shoelace formula). */
const areaOf = (ring: readonly (readonly [number, number])[]) =>
  ring.reduce((sum, [x, y], n) => {
    const [nextX, nextY] = ring[(n + 1) % ring.length] ?? [0, 0];
    return sum + (x * nextY - nextX * y) / 2;
  }, 0);
const middleOf = (ring: readonly (readonly [number, number])[]) =>
  [0, 1].map((axis) => {
    const values = ring.map((point) => point[axis] ?? 0);
    return (Math.min(...values) + Math.max(...values)) / 2;
  });

describe('the outline of a mask', () => {
  it('lies around the pixels, whose centres are integers', () => {
    const rings = outlinesOf(
      maskOf((x, y) => x >= 4 && x <= 8 && y >= 3 && y <= 11),
      columns,
    );
    expect(rings).toHaveLength(1);
    expect(middleOf(rings[0] ?? [])).toEqual([6, 7]);
    // 5 x 9 pixels; corners are cut.
    expect(Math.abs(areaOf(rings[0] ?? []))).toBeGreaterThan(43);
    expect(Math.abs(areaOf(rings[0] ?? []))).toBeLessThanOrEqual(45);
  });

  it('closes at the edge of the image', () => {
    const rings = outlinesOf(
      maskOf((x) => x >= 17),
      columns,
    );
    expect(rings).toHaveLength(1);
    expect(middleOf(rings[0] ?? [])).toEqual([18, 7]);
  });

  it('leaves holes out', () => {
    const rings = outlinesOf(
      maskOf((x, y) => x >= 2 && x <= 12 && y >= 2 && y <= 12 && !(x >= 5 && x <= 9 && y === 7)),
      columns,
    );
    expect(rings).toHaveLength(2);
    const [outer = 0, hole = 0] = rings.map(areaOf);
    expect(Math.sign(outer)).toBe(-Math.sign(hole));
    expect(Math.abs(outer + hole)).toBeGreaterThan(121 - 5 - 2);
  });

  it('of parts is one each, of nothing none', () => {
    expect(
      outlinesOf(
        maskOf((x, y) => y < 3 && (x < 3 || x > 10)),
        columns,
      ),
    ).toHaveLength(2);
    expect(outlinesOf([], columns)).toEqual([]);
  });
});
