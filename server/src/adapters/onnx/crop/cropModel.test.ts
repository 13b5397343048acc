import { readFileSync } from 'node:fs';
import { decodeRuns, encodeRuns, type Box } from '@ohif-medsam/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHANNELS, type CropContract } from './cropCard.ts';
import { cropAround, maskFromLogits, regionAround } from './cropModel.ts';

interface PythonCase {
  readonly columns: number;
  readonly rows: number;
  readonly components: 1 | 3;
  readonly box: Box;
  readonly inside: readonly (readonly [number, number])[];
  readonly outside: readonly (readonly [number, number])[];
  readonly earlier: readonly number[] | null;
  readonly beside: readonly number[] | null;
  readonly pixels: readonly number[];
  readonly region: readonly [number, number, number, number];
  readonly tensor: readonly number[];
  readonly logits: readonly number[];
  readonly mask: readonly number[];
}

// Made by `python -m medsam_models fixture --out server/src/adapters/onnx/fixtures/crop.json` in models/python.
const python = JSON.parse(readFileSync(new URL('../fixtures/crop.json', import.meta.url), 'utf8')) as {
  readonly contract: CropContract;
  readonly cases: readonly PythonCase[];
};

/** The fixture is rounded to 6 decimals and both sides sum in float32. */
const ROUNDING = 2e-6;

const imageOf = ({ columns, rows, components, pixels }: PythonCase) => ({
  key: 'fixture',
  columns,
  rows,
  components,
  pixels: Uint8Array.from(pixels),
});

describe.each(python.cases)('a crop of [$box] in $columns x $rows x $components', (made) => {
  it('shows the region and the values that the model was trained on', () => {
    const { inside, outside, earlier, beside } = made;
    const mask = earlier ? encodeRuns(Uint8Array.from(earlier)) : undefined;
    const corrections = { inside, outside, ...(mask && !beside && { mask }) };
    const there = mask && beside ? { image: { ...imageOf(made), pixels: Uint8Array.from(beside) }, mask } : undefined;
    const { tensor, region } = cropAround(imageOf(made), made.box, python.contract, corrections, there);
    const expected = { x0: made.region[0], y0: made.region[1], x1: made.region[2], y1: made.region[3] };
    expect(region).toEqual(expected);
    expect(tensor).toHaveLength(made.tensor.length);
    const worst = tensor.reduce((most, value, at) => Math.max(most, Math.abs(value - made.tensor[at]!)), 0);
    expect(worst).toBeLessThan(ROUNDING);
  });

  it('puts logits back onto the same pixels as in training', () => {
    const region = regionAround(made.box, python.contract);
    const runs = maskFromLogits(Float32Array.from(made.logits), region, made.columns, made.rows, 0);
    expect([...decodeRuns(runs, made.columns * made.rows)]).toEqual([...made.mask]);
  });
});

const contract: CropContract = { size: 32, context: 1.5, maxStretch: 3 };

describe('any box', () => {
  const sizes = fc.tuple(fc.integer({ min: 4, max: 60 }), fc.integer({ min: 4, max: 60 }));
  const boxes = sizes.chain(([columns, rows]) =>
    fc.tuple(fc.nat(columns - 1), fc.nat(rows - 1), fc.nat(columns - 1), fc.nat(rows - 1)).map(([a, b, c, d]) => ({
      columns,
      rows,
      box: [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)] as const,
    })),
  );

  it('keeps a uniform image uniform wherever the filter does not reach over the edge', () =>
    fc.assert(
      fc.property(boxes, ({ columns, rows, box }) => {
        const image = {
          key: 'grey',
          columns,
          rows,
          components: 1 as const,
          pixels: new Uint8Array(columns * rows).fill(255),
        };
        const { tensor } = cropAround(image, box, contract);
        const middle = (contract.size / 2) * contract.size + contract.size / 2;
        const [width, height] = [box[2] - box[0], box[3] - box[1]];
        if (width > 3 && height > 3) expect(tensor[middle]).toBeCloseTo(1, 5);
        expect(Math.max(...tensor)).toBeLessThanOrEqual(1 + 1e-5);
      }),
    ));

  it('gives the box back when the logits are its own coverage', () =>
    fc.assert(
      fc.property(boxes, ({ columns, rows, box }) => {
        const image = { key: 'black', columns, rows, components: 1 as const, pixels: new Uint8Array(columns * rows) };
        const { tensor, region } = cropAround(image, box, contract);
        const logits = tensor.slice(3 * contract.size ** 2, 4 * contract.size ** 2).map((covered) => covered - 0.5);
        const mask = decodeRuns(maskFromLogits(logits, region, columns, rows, 0), columns * rows);
        for (let y = 0; y < rows; y++)
          for (let x = 0; x < columns; x++) {
            const depth = Math.min(x - box[0], box[2] - x, y - box[1], box[3] - y);
            // A crop pixel may be larger than an image pixel: the outline itself is allowed to move by one.
            if (depth >= 1 || depth < -1) expect(mask[y * columns + x]).toBe(depth >= 1 ? 1 : 0);
          }
      }),
    ));
});

it('takes no more time or memory for a box that is far larger than the image', () => {
  const image = { key: 'grey', columns: 9, rows: 7, components: 1 as const, pixels: new Uint8Array(63).fill(255) };
  const { tensor } = cropAround(image, [-1e12, -1e12, 1e12, 1e12], contract);
  expect(tensor).toHaveLength(CHANNELS * contract.size ** 2);
  expect(tensor.every(Number.isFinite)).toBe(true);
});

it('refuses a box without area', () => {
  expect(() => regionAround([5, 5, 4, 9], contract)).toThrow(RangeError);
  expect(() => regionAround([NaN, 5, 8, 9], contract)).toThrow(RangeError);
});
