import { expect, it } from 'vitest';
import cases from './fixtures/metrics.json' with { type: 'json' };
import { volumeDice, volumeSurfaceDice } from './volumeMetrics.ts';

/** Cuts runs over a whole volume into runs over each slice. */
function slicesOf(runs: readonly number[], pixels: number, slices: number): number[][] {
  const masks = Array.from({ length: slices }, (): number[] => []);
  for (let n = 0; n < runs.length; n += 2) {
    const end = runs[n]! + runs[n + 1]!;
    for (let at = runs[n]!; at < end;) {
      const k = Math.floor(at / pixels);
      const until = Math.min(end, (k + 1) * pixels);
      masks[k]!.push(at - k * pixels, until - at);
      at = until;
    }
  }
  return masks;
}

// Made by tests/conformance/python/write_metrics.py.
it.each(cases)('equals an independent implementation on random masks: $kind, $size, spacing $spacing', (made) => {
  const [columns = 0, rows = 0, slices = 0] = made.size;
  const [x = 0, y = 0, z = 0] = made.spacing;
  const [a, b] = [made.a, made.b].map((runs) => slicesOf(runs, columns * rows, slices));
  const grid = { columns, rows, slices, spacingMm: [x, y, z] as const };
  expect(volumeDice(a!, b!)).toBeCloseTo(made.dice, 12);
  for (const { tolerance, value } of made.nsd)
    expect(volumeSurfaceDice(a!, b!, grid, tolerance)).toBeCloseTo(value, 12);
});
