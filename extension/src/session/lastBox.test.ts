import type { Plane, SeriesFrame } from '@ohif-medsam/protocol';
import { expect, it } from 'vitest';
import type { DocumentView } from './documentView.ts';
import { lastBoxIn } from './lastBox.ts';

const frame: SeriesFrame = { sopInstanceUid: '1.2', sopClassUid: '1.1', frameNumber: 1, rows: 200, columns: 400 };
const PLANE: Plane = { axis: 'k', frame: '1.2/1' };
const prompt = (promptId: string, plane: Plane, box: readonly [number, number, number, number]) => ({
  promptId,
  segmentId: 's',
  plane,
  box,
  author: 'a',
});
const prompts = [
  prompt('1', PLANE, [0, 0, 9, 9]),
  prompt('2', PLANE, [40, 20, 79, 29]),
  prompt('3', { axis: 'i', index: 7 }, [20, 0, 39, 0]),
];
const document = { prompts } as unknown as DocumentView;
const seen = (plane: Plane) => ({ plane, document, frames: [frame] });

it('[LB1] is the newest box of the plane in view, in the pixels of a smaller picture', () =>
  expect(lastBoxIn(seen(PLANE), 100)).toEqual([10, 5, 10, 2.5]));

it('[LB2] counts the columns of a reformat along the rows of the frames', () =>
  expect(lastBoxIn(seen({ axis: 'i', index: 7 }), 100)).toEqual([10, 0, 10, 0.5]));

it('[LB3] is none where no box stands', () => expect(lastBoxIn(seen({ axis: 'j', index: 7 }), 100)).toBeUndefined());
