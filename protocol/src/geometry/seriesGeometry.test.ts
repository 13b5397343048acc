import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SeriesFrame } from '../messages/series.ts';
import {
  frameKeyOf,
  frameNormal,
  framesByPlace,
  parseFrameKey,
  pixelToLps,
  placeThicknessesMm,
  positionAlong,
  sortFrames,
} from './seriesGeometry.ts';
import { cross, dot, type Vector } from './spaces.ts';

type Orientation = NonNullable<SeriesFrame['orientation']>;

/** Row and column directions of volumes that identity-only tests would hide. */
const ORIENTATIONS: Record<string, Orientation> = {
  axial: [1, 0, 0, 0, 1, 0],
  'axial from the head': [-1, 0, 0, 0, 1, 0],
  sagittal: [0, 1, 0, 0, 0, -1],
  coronal: [1, 0, 0, 0, 0, -1],
  'rows and columns swapped': [0, 1, 0, 1, 0, 0],
  oblique: orthonormal([0.8, 0.5, -0.33], [0.1, 0.7, 0.7]),
};

function orthonormal(row: Vector, towards: Vector): Orientation {
  const unit = (v: Vector): Vector => {
    const length = Math.hypot(...v);
    return [v[0] / length, v[1] / length, v[2] / length];
  };
  const r = unit(row);
  const column = unit(cross(cross(r, towards), r));
  return [...r, ...column];
}

/** A stack of frames at these distances along its normal. */
function stack(orientation: Orientation, distances: readonly number[], over: Partial<SeriesFrame> = {}): SeriesFrame[] {
  const [a, b, c, d, e, f] = orientation;
  const n = cross([a, b, c], [d, e, f]);
  return distances.map((mm, at) => ({
    sopInstanceUid: `1.2.3.${String(at)}`,
    sopClassUid: '1.2.840.10008.5.1.4.1.1.4',
    frameNumber: 1,
    rows: 64,
    columns: 48,
    position: [-100 + n[0] * mm, 30 + n[1] * mm, 7 + n[2] * mm],
    orientation,
    pixelSpacing: [0.9, 0.4],
    sliceThicknessMm: 3,
    ...over,
  }));
}

/** A frame whose header lacks these. */
const without = (frame: SeriesFrame, ...fields: (keyof SeriesFrame)[]): SeriesFrame =>
  Object.fromEntries(
    Object.entries(frame).filter(([name]) => !fields.includes(name as keyof SeriesFrame)),
  ) as unknown as SeriesFrame;

const distancesOf = (frames: readonly SeriesFrame[]) => {
  const normal = frameNormal(frames[0]!)!;
  const first = positionAlong(frames[0]!, normal)!;
  return frames.map((frame) => positionAlong(frame, normal)! - first);
};
const closeTo = (numbers: readonly number[]) => numbers.map((n) => expect.closeTo(n, 6) as unknown);

describe.each(Object.entries(ORIENTATIONS))('a %s volume', (_, orientation) => {
  it('is sorted by place, however its files were shuffled', () => {
    const distances = [0, 2.5, 5, 7.5, 20, 22.5];
    const frames = stack(orientation, distances);
    fc.assert(
      fc.property(fc.shuffledSubarray(frames, { minLength: frames.length }), (shuffled) => {
        expect(sortFrames(shuffled)).toEqual(frames);
      }),
      { numRuns: 30 },
    );
  });

  it('has a right-handed (i, j, k)', () => {
    const frame = stack(orientation, [0])[0]!;
    const normal = frameNormal(frame)!;
    const step = (i: number, j: number): Vector => {
      const [p, q] = [pixelToLps(frame, 0, 0)!, pixelToLps(frame, i, j)!];
      return [q[0] - p[0], q[1] - p[1], q[2] - p[2]];
    };
    expect(dot(cross(step(1, 0), step(0, 1)), normal)).toBeCloseTo(0.4 * 0.9);
    expect(Math.hypot(...normal)).toBeCloseTo(1);
  });

  it('places pixels: i goes along a row by the column spacing, j down a column by the row spacing', () => {
    const frame = stack(orientation, [0])[0]!;
    const [x, y, z] = frame.position!;
    const [a, b, c, d, e, f] = orientation;
    expect(pixelToLps(frame, 0, 0)).toEqual([x, y, z]);
    expect(pixelToLps(frame, 10, 0)).toEqual(closeTo([x + a * 4, y + b * 4, z + c * 4]));
    expect(pixelToLps(frame, 0, 10)).toEqual(closeTo([x + d * 9, y + e * 9, z + f * 9]));
  });

  it('gives every slice the thickness that it stands for', () => {
    const frames = stack(orientation, [0, 2, 4, 14, 16]);
    expect(distancesOf(frames)).toEqual(closeTo([0, 2, 4, 14, 16]));
    expect(placeThicknessesMm(framesByPlace(frames))).toEqual(closeTo([2, 2, 6, 6, 2]));
  });
});

describe('frames without geometry', () => {
  it('keep the order of time and their own thickness', () => {
    const cine = stack(ORIENTATIONS['axial']!, [5, 1, 3]).map((frame) => without(frame, 'position', 'orientation'));
    expect(sortFrames(cine)).toEqual(cine);
    expect(placeThicknessesMm(framesByPlace(cine))).toEqual([3, 3, 3]);
    expect(pixelToLps(cine[0]!, 1, 1)).toBeUndefined();
  });

  it('keep their order too if only some lack a position', () => {
    const [a, b, c] = stack(ORIENTATIONS['axial']!, [5, 1, 3]);
    const lost = without(b!, 'position');
    expect(sortFrames([a!, lost, c!])).toEqual([a, lost, c]);
  });

  it('at one place keep the order of their phases', () => {
    const phases = stack(ORIENTATIONS['oblique']!, [5, 0, 5, 0]);
    expect(sortFrames(phases)).toEqual([phases[1], phases[3], phases[0], phases[2]]);
  });

  it('at one place stand for the distance to the next place, not to each other', () => {
    const places = framesByPlace(stack(ORIENTATIONS['oblique']!, [0, 0, 5, 5, 15, 15]));
    expect(places.map(({ frames }) => frames.length)).toEqual([2, 2, 2]);
    expect(placeThicknessesMm(places)).toEqual(closeTo([5, 7.5, 10]));
    expect(placeThicknessesMm(framesByPlace(stack(ORIENTATIONS['oblique']!, [4, 4])))).toEqual([3]);
  });
});

it('the places of a localizer are those of its directions, one after the other', () => {
  const [axial, sagittal] = [stack(ORIENTATIONS['axial']!, [0, 2, 6]), stack(ORIENTATIONS['sagittal']!, [1, 1, 4])];
  const [photograph] = stack(ORIENTATIONS['axial']!, [0]).map((frame) => without(frame, 'position', 'orientation'));
  const mixed = [axial[2]!, sagittal[0]!, axial[0]!, photograph!, sagittal[2]!, axial[1]!, sagittal[1]!];
  const places = framesByPlace(mixed);
  expect(places.map(({ direction, frames }) => [direction, ...frames])).toEqual([
    [0, axial[0]],
    [0, axial[1]],
    [0, axial[2]],
    [1, sagittal[0], sagittal[1]],
    [1, sagittal[2]],
    [2, photograph],
  ]);
  expect(placeThicknessesMm(places)).toEqual(closeTo([2, 3, 4, 3, 3, 3]));
});

describe('frame keys', () => {
  it('name instance and frame, and are read back', () => {
    const name = { sopInstanceUid: '1.2.840.1', frameNumber: 12 };
    expect(frameKeyOf(name)).toBe('1.2.840.1/12');
    expect(parseFrameKey('1.2.840.1/12')).toEqual(name);
  });

  it.each(['', '1.2.3', '1.2.3/', '1.2.3/0', '1.2.3/-1', '1.2.3/1.5', '/1', '1.2.3/x'])('refuse %j', (key) => {
    expect(() => parseFrameKey(key)).toThrow(RangeError);
  });
});
