import type { Plane, SeriesFrame } from '@ohif-medsam/protocol';
import { describe, expect, it } from 'vitest';
import { directionsOf } from './directions.ts';

type Orientation = NonNullable<SeriesFrame['orientation']>;
type Position = NonNullable<SeriesFrame['position']>;

const AXIAL: Orientation = [1, 0, 0, 0, 1, 0];
const CORONAL: Orientation = [1, 0, 0, 0, 0, -1];
const SAGITTAL: Orientation = [0, 1, 0, 0, 0, -1];
const TILTED: Orientation = [1, 0, 0, 0, 0.88, -0.47];

const frame = (n: number, position?: Position, orientation?: Orientation): SeriesFrame => ({
  sopInstanceUid: `1.${String(n)}`,
  sopClassUid: '1.2.3',
  frameNumber: 1,
  rows: 4,
  columns: 4,
  ...(position && orientation ? { position, orientation } : {}),
});
const series = (orientation: Orientation, from: Position, to: Position) => [
  frame(1, from, orientation),
  frame(2, to, orientation),
];
const K: Plane = { axis: 'k', frame: '1.1/1' };
const [I, J]: Plane[] = [
  { axis: 'i', index: 1 },
  { axis: 'j', index: 1 },
];

describe('directions of propagation', () => {
  it.each([
    ['axial, towards the head', AXIAL, [0, 0, -9], [0, 0, 90], K, 'head', 'feet'],
    ['axial, towards the feet', AXIAL, [0, 0, 90], [0, 0, -9], K, 'feet', 'head'],
    ['with gantry tilt', TILTED, [0, -5, 0], [0, 5, 30], K, 'head', 'feet'],
    ['sagittal reformat of it', AXIAL, [0, 0, 0], [0, 0, 9], I, 'left', 'right'],
    ['coronal reformat of it', AXIAL, [0, 0, 0], [0, 0, 9], J, 'back', 'front'],
    ['acquired sagittal', SAGITTAL, [-40, 0, 0], [40, 0, 0], K, 'left', 'right'],
    ['acquired coronal', CORONAL, [0, 40, 0], [0, -40, 0], K, 'front', 'back'],
    ['axial reformat of acquired coronal', CORONAL, [0, 40, 0], [0, -40, 0], J, 'feet', 'head'],
  ] as const)('[DI1] %s', (_, orientation, from, to, plane, forward, backward) =>
    expect(directionsOf(plane as Plane, series(orientation, from, to))).toEqual({
      forward: `Towards the ${forward}`,
      backward: `Towards the ${backward}`,
    }),
  );

  it('[DI2] says nothing of the patient for images without geometry, or of a single one', () => {
    expect(directionsOf(K, [frame(1), frame(2)])).toEqual({ forward: 'Later slices', backward: 'Earlier slices' });
    expect(directionsOf(K, [frame(1, [0, 0, 0], AXIAL)]).forward).toBe('Later slices');
  });
});
