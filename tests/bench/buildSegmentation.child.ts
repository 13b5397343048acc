import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePart10 } from '../../server/src/adapters/dicom/writePart10.ts';
import { buildSegmentation, sourceFrames } from '../../server/src/dicomSeg/index.ts';
import { madeSegments } from '../fixtures/madeSegments.ts';
import { ctSeries } from '../fixtures/sourceSeries.ts';

const MEGABYTE = 1024 * 1024;
const [ROWS, COLUMNS, SLICES, SEGMENTS] = [512, 512, 300, 5];

const positionsMm = Array.from({ length: SLICES }, (_, n) => n);
// The images' own pixels would stand in the base and be freed during the measurement: tiny ones, with the headers of large ones.
const headers = ctSeries({ rows: 2, columns: 2, positionsMm }).headers.map((header) => ({
  ...header,
  '00280010': { vr: 'US', Value: [ROWS] },
  '00280011': { vr: 'US', Value: [COLUMNS] },
}));
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

const folder = await mkdtemp(join(tmpdir(), 'medsam-bench-'));
globalThis.gc?.();
const baseBytes = process.memoryUsage.rss();
const start = performance.now();
const { header, pixelData, frames } = buildSegmentation(content, headers, identity, equipment);
const file = writePart10(header, pixelData);
await writeFile(join(folder, 'seg.dcm'), file);
const seconds = (performance.now() - start) / 1000;
await rm(folder, { recursive: true });
process.send?.({
  frames,
  megabytes: file.length / MEGABYTE,
  buildAndWriteSeconds: seconds,
  buildAndWriteSecondsLimit: 1.5,
  // In kilobytes.
  peakMegabytesAboveBase: Math.max(0, process.resourceUsage().maxRSS / 1024 - baseBytes / MEGABYTE),
  peakMegabytesAboveBaseLimit: 250,
});
