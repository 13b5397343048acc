import { planeMaskToFrames, type Plane } from '@ohif-medsam/protocol';
import { expect, it } from 'vitest';
import { whereItStood } from './whereItStood.ts';

const FRAMES = ['1.1/1', '1.2/1', '1.3/1', '1.4/1', '1.5/1'];
const SIZE = { columns: 7, rows: 6 };
const left = { propagationId: 'p', segmentId: 's' };
const along = (axis: 'i' | 'j', count: number): Plane[] =>
  Array.from({ length: count }, (_, index) => ({ axis, index }));

it('of slices, names the farthest each way', () => {
  const planes = FRAMES.map((frame): Plane => ({ axis: 'k', frame }));
  const masks = [FRAMES[1], FRAMES[3], FRAMES[4]].map((frame = '') => ({ frame, runs: [3, 2] }));
  const plane: Plane = { axis: 'k', frame: FRAMES[2] ?? '' };
  expect(whereItStood('1.9', { ...left, plane, masks }, planes, SIZE.columns)).toMatchObject({
    planes: 3,
    forward: 'interrupted',
    backward: 'interrupted',
    reached: { forward: planes[4], backward: planes[1] },
  });
});

it.each([
  ['i', SIZE.columns, [3, 9]],
  ['j', SIZE.rows, [2, 11]],
] as const)('of planes across, along %s, too; a way on which nothing was found is left out', (axis, count, runs) => {
  const planes = along(axis, count);
  // Planes 3 and 4, seen from plane 2, whose own mask is another operation's.
  const masks = planes.slice(3, 5).flatMap((plane) => planeMaskToFrames(plane, [...runs], FRAMES, SIZE));
  expect(whereItStood('1.9', { ...left, plane: { axis, index: 2 }, masks }, planes, SIZE.columns)).toMatchObject({
    planes: 2,
    forward: 'interrupted',
    backward: null,
    reached: { forward: { axis, index: 4 }, backward: null },
  });
});
