import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writePart10 } from '../../server/src/adapters/dicom/writePart10.ts';
import { dicomWebArchive } from '../../server/src/adapters/dicomweb/dicomWebArchive.ts';
import { buildSegmentation, sourceFrames } from '../../server/src/dicomSeg/index.ts';
import type { DicomJson } from '../../server/src/ports/archive.ts';
import { itemsOf } from '../../server/src/ports/dicomJson.ts';
import { madeSegments } from '../fixtures/madeSegments.ts';
import { ctSeries } from '../fixtures/sourceSeries.ts';
import { announce } from '../support/announce.ts';
import { Page } from '../support/page.ts';
import { startServer, type RunningServer } from '../support/runningServer.ts';

const series = ctSeries();
const opening = announce(series);
const FOREIGN = { segSeriesUid: '2.25.5551', sopInstanceUid: '2.25.5552' };

/** A segmentation as programs are in use that write it: numbered from 0, texts too long, a UID with an empty component. */
function foreignFile(): Uint8Array {
  const frames = sourceFrames(series.headers);
  const content = madeSegments(
    frames.map(({ key }) => key),
    frames[0]?.rows ?? 0,
    frames[0]?.columns ?? 0,
  );
  const { header, pixelData } = buildSegmentation(
    content,
    series.headers,
    {
      seriesUid: FOREIGN.segSeriesUid,
      sopInstanceUid: FOREIGN.sopInstanceUid,
      instanceNumber: 0,
      predecessor: undefined,
      description: 'Foreign',
      creator: undefined,
      at: new Date(),
    },
    { manufacturer: 'Somebody', modelName: 'else', serialNumber: '1', softwareVersion: '1' },
  );
  const code = (value: string, meaning: string): DicomJson => ({
    '00080100': { vr: 'SH', Value: [value] },
    '00080102': { vr: 'SH', Value: ['SCT'] },
    '00080104': { vr: 'LO', Value: [meaning] },
  });
  const segments = itemsOf(header, '00620002').map((item, n) => ({
    ...item,
    '00620003': { vr: 'SQ', Value: [code('123037004', 'm'.repeat(70))] },
    '0062000F': { vr: 'SQ', Value: [code('1'.repeat(17), 'Somewhat')] },
    '00620021': { vr: 'UI', Value: [`1.2..${String(n)}`] },
  }));
  return writePart10({ ...header, '00620002': { vr: 'SQ', Value: segments } }, pixelData);
}

let stateFolder = '';
let server: RunningServer;
beforeAll(async () => {
  stateFolder = await mkdtemp(join(tmpdir(), 'medsam-foreign-'));
  server = await startServer({ stateFolder });
  const archive = dicomWebArchive({ url: `${server.url}/dicom-web`, timeoutMs: 10_000 });
  for (const { stored } of await archive.store(opening.studyUid, [...series.files, foreignFile()]))
    expect(stored).toBe(true);
});
afterAll(async () => {
  await server.close();
  await rm(stateFolder, { recursive: true, force: true });
});

it('that breaks the standard is opened with what is valid in it, and is still there after a restart', async () => {
  const page = await Page.open(server.url);
  await page.openSeries(opening);
  await page.get('segmentation:open', { seriesUid: opening.seriesUid, ...FOREIGN });
  const segments = page.last?.segments ?? [];
  expect(segments.map(({ coding }) => [coding.category.meaning, coding.type.meaning])).toEqual(
    Array.from({ length: 2 }, () => ['m'.repeat(64), 'Tissue']),
  );
  expect(new Set(segments.map(({ tracking }) => tracking.uid)).size).toBe(2);
  const masks = Object.fromEntries(page.masks);
  page.close();

  await server.close();
  server = await startServer({ stateFolder });
  const later = await Page.open(server.url);
  const { document } = await later.openSeries(opening);
  expect(document.segments).toEqual(segments);
  expect(document.saved).toMatchObject({ ...FOREIGN, instanceNumber: 1 });
  expect(Object.fromEntries(later.masks)).toEqual(masks);
  later.close();
});
