import { expect, it } from 'vitest';
import { segmentationThread } from '@ohif-medsam/server/adapters/segmentationThread/onThread';
import { writeHere } from '@ohif-medsam/server/adapters/segmentationThread/work';
import { sourceFrames, type SegContent } from '../../server/src/dicomSeg/index.ts';
import { madeSegments } from '../fixtures/madeSegments.ts';
import { ctSeries } from '../fixtures/sourceSeries.ts';

const [ROWS, COLUMNS, SLICES, SEGMENTS] = [512, 512, 300, 5];
const identity = {
  seriesUid: '2.25.1',
  sopInstanceUid: '2.25.2',
  instanceNumber: 1,
  predecessor: undefined,
  description: 'test',
  creator: undefined,
  at: new Date('2026-01-02T03:04:05Z'),
};
const equipment = { manufacturer: 'm', modelName: 'm', serialNumber: '1', softwareVersion: '1' };
const { headers } = ctSeries({
  rows: ROWS,
  columns: COLUMNS,
  positionsMm: Array.from({ length: SLICES }, (_, n) => n),
});
const frames = sourceFrames(headers).map(({ key }) => key);
const content = madeSegments(frames, ROWS, COLUMNS, SEGMENTS);

/** @returns What the work ends with, and how often this thread came to something else meanwhile. */
async function meanwhile<T>(work: Promise<T>): Promise<{ result: T; answered: number }> {
  let answered = 0;
  const timer = setInterval(() => answered++, 5);
  const result = await work;
  clearInterval(timer);
  return { result, answered };
}

it('a whole series is written and read while the server goes on answering, and as it would be at once', async () => {
  const { write, read } = segmentationThread();
  const written = await meanwhile(write(content, headers, identity, equipment));
  expect(written.answered).toBeGreaterThan(10);
  const { file } = writeHere(content, headers, identity, equipment);
  expect(Buffer.compare(written.result.file, file)).toBe(0);
  const opened = await meanwhile(read(file, headers));
  expect(opened.answered).toBeGreaterThan(10);
  const masks = ({ segments, cells }: Pick<SegContent, 'segments' | 'cells'>) => {
    const labels = new Map(segments.map(({ id, label }) => [id, label]));
    return new Set(cells.map(({ segmentId, frame, runs }) => JSON.stringify([labels.get(segmentId), frame, runs])));
  };
  expect(masks(opened.result)).toEqual(masks(content));
});

it('what cannot be written or read is refused by its own name, and the next one is', async () => {
  const { write, read } = segmentationThread();
  const empty = write({ ...content, cells: [] }, headers, identity, equipment);
  const next = write({ ...content, cells: content.cells.slice(0, 1) }, headers, identity, equipment);
  const torn = read(new Uint8Array(200), headers);
  await expect(empty).rejects.toMatchObject({ code: 'segmentation-empty' });
  expect((await next).frames).toBe(1);
  await expect(torn).rejects.toMatchObject({ code: 'dicom-invalid' });
  expect((await read((await next).file, headers)).cells).toHaveLength(1);
});

it('a segmentation is opened while others are saved', async () => {
  const { write, read } = segmentationThread();
  const { file } = writeHere({ ...content, cells: content.cells.slice(0, 1) }, headers, identity, equipment);
  const order: string[] = [];
  const writing = [1, 2, 3].map(() => write(content, headers, identity, equipment).then(() => order.push('written')));
  await read(file, headers).then(() => order.push('read'));
  await Promise.all(writing);
  expect(order.indexOf('read')).toBeLessThan(2);
});

it('an opening ends when nobody wants it any more, whether it is under way or waits', async () => {
  const { read } = segmentationThread();
  const { file } = writeHere(content, headers, identity, equipment);
  const [first, second] = [new AbortController(), new AbortController()];
  const underWay = expect(read(file.slice(), headers, first.signal)).rejects.toMatchObject({ code: 'cancelled' });
  const waiting = expect(read(file.slice(), headers, second.signal)).rejects.toMatchObject({ code: 'cancelled' });
  const last = read(file, headers);
  second.abort();
  await new Promise((resolve) => setTimeout(resolve, 20));
  first.abort();
  await Promise.all([underWay, waiting]);
  expect((await last).cells.length).toBe(content.cells.length);
});
