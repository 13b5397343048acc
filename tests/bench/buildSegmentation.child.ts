import { writePart10 } from '../../server/src/adapters/dicom/writePart10.ts';
import { buildSegmentation, sourceFrames } from '../../server/src/dicomSeg/index.ts';
import { madeSegments } from '../fixtures/madeSegments.ts';
import { ctSeries } from '../fixtures/sourceSeries.ts';

const MEGABYTE = 1024 * 1024;
const [ROWS, COLUMNS, SLICES, SEGMENTS] = [512, 512, 300, 5];

const positionsMm = Array.from({ length: SLICES }, (_, n) => n);
const { headers } = ctSeries({ rows: ROWS, columns: COLUMNS, positionsMm });
const content = madeSegments(
  sourceFrames(headers).map(({ key }) => key),
  ROWS,
  COLUMNS,
  SEGMENTS,
);
const identity = {
  seriesUid: '2.25.1',
  sopInstanceUid: '2.25.2',
  instanceNumber: 1,
  predecessor: undefined,
  description: 'bench',
  creator: undefined,
  at: new Date(),
};
const equipment = { manufacturer: 'm', modelName: 'm', serialNumber: '1', softwareVersion: '1' };

globalThis.gc?.();
const baseBytes = process.memoryUsage.rss();
const start = performance.now();
const { header, pixelData, frames } = buildSegmentation(content, headers, identity, equipment);
const file = writePart10(header, pixelData);
const seconds = (performance.now() - start) / 1000;
process.send?.({
  frames,
  megabytes: file.length / MEGABYTE,
  seconds,
  // In kilobytes; the images' own pixels, written before the base was taken, are freed again by then.
  peakMegabytesAboveBase: Math.max(0, process.resourceUsage().maxRSS / 1024 - baseBytes / MEGABYTE),
  megabytesAboveBase: (process.memoryUsage.rss() - baseBytes) / MEGABYTE,
});
