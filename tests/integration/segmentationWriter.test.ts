import { expect, it } from 'vitest';
import { segmentationWriter } from '@ohif-medsam/server/adapters/segmentationWriter/segmentationWriter';
import { writeHere } from '@ohif-medsam/server/adapters/segmentationWriter/writeHere';
import { sourceFrames } from '../../server/src/dicomSeg/index.ts';
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

it('a whole series is written while the server goes on answering, and as it would be written at once', async () => {
  const written = segmentationWriter()(content, headers, identity, equipment);
  let answered = 0;
  const timer = setInterval(() => answered++, 5);
  const { file } = await written;
  clearInterval(timer);
  expect(answered).toBeGreaterThan(10);
  const here = writeHere([content, headers, identity, equipment]);
  expect('file' in here && Buffer.compare(file, here.file)).toBe(0);
});

it('what cannot be written is refused by its own name, and the next one is written', async () => {
  const write = segmentationWriter();
  const empty = write({ ...content, cells: [] }, headers, identity, equipment);
  const next = write({ ...content, cells: content.cells.slice(0, 1) }, headers, identity, equipment);
  await expect(empty).rejects.toMatchObject({ code: 'segmentation-empty' });
  expect((await next).frames).toBe(1);
});
