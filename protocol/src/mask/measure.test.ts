import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SeriesFrame } from '../messages/series.ts';
import { longestDiameterMm, volumeMl } from './measure.ts';
import { encodeRuns, type Runs } from './runs.ts';

const frameAt = (z: number, over: Partial<SeriesFrame> = {}): SeriesFrame => ({
  sopInstanceUid: `1.2.${String(Math.round(z * 10) + 10_000)}`,
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  frameNumber: 1,
  rows: 10,
  columns: 10,
  position: [0, 0, z],
  orientation: [1, 0, 0, 0, 1, 0],
  pixelSpacing: [2, 0.5],
  sliceThicknessMm: 99,
  ...over,
});
/** A frame whose header lacks these. */
const without = (frame: SeriesFrame, ...fields: (keyof SeriesFrame)[]): SeriesFrame =>
  Object.fromEntries(
    Object.entries(frame).filter(([name]) => !fields.includes(name as keyof SeriesFrame)),
  ) as unknown as SeriesFrame;

const TEN_PIXELS: Runs = [0, 10];

describe('volume', () => {
  it('is pixels times spacing times the distance of the slices, not their thickness', () => {
    const frames = [0, 5, 10].map((z) => frameAt(z));
    expect(volumeMl(frames, () => TEN_PIXELS)).toBeCloseTo((3 * 10 * 2 * 0.5 * 5) / 1000);
  });

  it('counts a gap once: half to the slice before and half to the slice after', () => {
    const frames = [0, 5, 25, 30].map((z) => frameAt(z));
    expect(volumeMl(frames, () => TEN_PIXELS)).toBeCloseTo((10 * (5 + 12.5 + 12.5 + 5)) / 1000);
  });

  it('of several phases at each place is that of the places', () => {
    const frames = [0, 0, 5, 5, 10, 10].map((z, n) => ({ ...frameAt(z), frameNumber: n + 1 }));
    const once = (3 * 10 * 2 * 0.5 * 5) / 1000;
    expect(volumeMl(frames, ({ frameNumber }) => (frameNumber % 2 ? TEN_PIXELS : []))).toBeCloseTo(once);
    expect(volumeMl(frames, () => TEN_PIXELS)).toBeCloseTo(once);
  });

  it('takes the thickness of a single slice, and nothing where nothing is known', () => {
    expect(volumeMl([frameAt(0)], () => TEN_PIXELS)).toBeCloseTo(0.99);
    const nowhere = without(frameAt(0), 'position', 'sliceThicknessMm');
    expect(volumeMl([nowhere], () => TEN_PIXELS)).toBeUndefined();
    expect(volumeMl([nowhere], () => [])).toBe(0);
    const photograph = without(frameAt(0), 'pixelSpacing');
    expect(volumeMl([photograph], () => TEN_PIXELS)).toBeUndefined();
  });

  it('is measured along the normal of oblique slices', () => {
    // Rows along x; columns tilted by 60 degrees, so the normal is (0, -sin 60, cos 60).
    const [c, s] = [Math.cos(Math.PI / 3), Math.sin(Math.PI / 3)];
    const frames = [0, 4, 8].map((mm) =>
      frameAt(mm, { orientation: [1, 0, 0, 0, c, s], position: [7, -s * mm, c * mm] }),
    );
    expect(volumeMl(frames, () => TEN_PIXELS)).toBeCloseTo((3 * 10 * 4) / 1000);
  });

  it('of a localizer counts the slices of each direction by their own distances', () => {
    const axial = [0, 5, 10].map((z) => frameAt(z));
    const sagittal = [0, 4, 8].map((x) => frameAt(0, { orientation: [0, 1, 0, 0, 0, -1], position: [-x, 0, 5] }));
    const coronal = frameAt(0, { orientation: [1, 0, 0, 0, 0, -1], position: [0, 3, 10], sliceThicknessMm: 6 });
    const frames = [...axial, ...sagittal, coronal].map((frame, n) => ({
      ...frame,
      sopInstanceUid: `1.3.${String(n)}`,
    }));
    const ofOne = (shown: SeriesFrame) =>
      volumeMl(frames, ({ sopInstanceUid }) => (sopInstanceUid === shown.sopInstanceUid ? TEN_PIXELS : []));
    const ml = [5, 5, 5, 4, 4, 4, 6].map((mm) => (10 * 2 * 0.5 * mm) / 1000);
    expect(frames.map(ofOne)).toEqual(ml.map((each) => expect.closeTo(each, 6) as unknown));
    const interleaved = [0, 3, 6, 1, 4, 2, 5].flatMap((n) => frames[n] ?? []);
    expect(volumeMl(interleaved, () => TEN_PIXELS)).toBeCloseTo(0.33);
  });
});

describe('longest diameter', () => {
  const spacing = [2, 0.5] as const;

  it('is that of the farthest two pixel centres, whatever the spacing', () => {
    const COLUMNS = 9;
    const anyMask = fc
      .array(fc.integer({ min: 0, max: 4 }), { minLength: 54, maxLength: 54 })
      .map((bits) => Uint8Array.from(bits, (n) => Number(n === 0)));
    fc.assert(
      fc.property(anyMask, (mask) => {
        const points = [...mask.keys()]
          .filter((n) => mask[n])
          .map((n) => [(n % COLUMNS) * 0.5, Math.floor(n / COLUMNS) * 2]);
        const all = points.flatMap(([x = 0, y = 0]) => points.map(([u = 0, v = 0]) => Math.hypot(x - u, y - v)));
        expect(longestDiameterMm(encodeRuns(mask), COLUMNS, spacing)).toBeCloseTo(Math.max(0, ...all));
      }),
    );
  });

  it('of one row is its width, of one column its height, of one pixel nothing', () => {
    expect(longestDiameterMm([20, 9], 10, spacing)).toBeCloseTo(4);
    expect(longestDiameterMm([3, 1, 13, 1, 23, 1], 10, spacing)).toBeCloseTo(4);
    expect(longestDiameterMm([55, 1], 10, spacing)).toBe(0);
    expect(longestDiameterMm([], 10, spacing)).toBe(0);
  });
});
