import { randomUUID } from 'node:crypto';
import type { Request } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeHere } from '../../server/src/adapters/segmentationThread/work.ts';
import { thisEquipment } from '../../server/src/adapters/thisEquipment.ts';
import { saveSegmentation } from '../../server/src/dicomSeg/index.ts';
import type { Archive } from '../../server/src/ports/archive.ts';
import { dicomWebArchive } from '../../server/src/adapters/dicomweb/dicomWebArchive.ts';
import { documentOf, nameOf } from '../fixtures/madeDocument.ts';
import { ctSeries, radiographSeries } from '../fixtures/sourceSeries.ts';
import { announce } from '../support/announce.ts';
import { LESION } from '../support/lesion.ts';
import { Page } from '../support/page.ts';
import { startServer, type RunningServer } from '../support/runningServer.ts';

const ROWS = 23;
const COLUMNS = 38;
const STUDY = '2.25.1.7';
const SERIES = '2.25.1.8';
const source = ctSeries({ rows: ROWS, columns: COLUMNS, patientName: 'Żółć^Ångström' });

let archiveServer: RunningServer;
let server: RunningServer;
let archive: Archive;
beforeAll(async () => {
  archiveServer = await startServer();
  archive = dicomWebArchive({ url: `${archiveServer.url}/dicom-web`, timeoutMs: 10_000 });
  for (const outcome of await archive.store(STUDY, source.files)) expect(outcome.stored).toBe(true);
  server = await startServer({
    archive: { kind: 'dicomweb', url: `${archiveServer.url}/dicom-web`, timeoutMs: 2_000 },
  });
});
afterAll(async () => {
  await server.close();
  await archiveServer.close();
});

async function painted(): Promise<{
  page: Page;
  segmentId: string;
  paint: (frame: number, add: number[]) => Promise<void>;
}> {
  const page = await Page.open(server.url, 'Ada');
  const { frames } = await page.openSeries(announce(source));
  const segmentId = randomUUID();
  const apply = (operation: Request<'document:apply'>['operation']) =>
    page.get('document:apply', { seriesUid: SERIES, operationId: randomUUID(), operation });
  await apply({ kind: 'segment:add', segmentId, ...LESION });
  const paint = async (frame: number, add: number[]) => {
    await apply({ kind: 'mask:edit', edits: [{ segmentId, frame: frames[frame] ?? '', add, remove: [] }] });
  };
  await paint(1, [40, 9, 80, 11]);
  await paint(2, [41, 3]);
  return { page, segmentId, paint };
}

const save = { seriesUid: SERIES, description: 'Reading 1' };

describe('saving', () => {
  it('stores, edits and stores again: a revision in the same series, and the same tracking ids when reopened', async () => {
    const { page, segmentId, paint } = await painted();
    const first = await page.get('segmentation:save', save);
    expect(first).toMatchObject({ instanceNumber: 1, frames: 2 });
    await paint(3, [100, 5]);
    const second = await page.get('segmentation:save', save);
    expect(second).toMatchObject({ instanceNumber: 2, frames: 3, segSeriesUid: first.segSeriesUid });
    expect(second.sopInstanceUid).not.toBe(first.sopInstanceUid);
    const { stored } = await page.get('segmentation:list', { seriesUid: SERIES });
    expect(stored.map(({ instanceNumber }) => instanceNumber).sort()).toEqual([1, 2]);

    const before = page.last?.segments.find(({ id }) => id === segmentId);
    const drawn = [...page.masks].filter(([key]) => key.startsWith(segmentId)).map(([, runs]) => runs);
    await page.get('segmentation:open', {
      seriesUid: SERIES,
      segSeriesUid: second.segSeriesUid,
      sopInstanceUid: second.sopInstanceUid,
    });
    const again = page.last?.segments ?? [];
    expect(again.map(({ tracking }) => tracking)).toContainEqual(before?.tracking);
    expect([...page.masks.values()]).toEqual(expect.arrayContaining(drawn));
    const third = await page.get('segmentation:save', { ...save, description: 'Reading 2' });
    expect(third).toMatchObject({ segSeriesUid: first.segSeriesUid, instanceNumber: 3 });
    page.close();
  });

  it('after an older revision was opened again gives a number that no other instance has', async () => {
    const { page, paint } = await painted();
    const first = await page.get('segmentation:save', save);
    await paint(3, [100, 5]);
    const second = await page.get('segmentation:save', save);
    const { segSeriesUid, sopInstanceUid } = first;
    await page.get('segmentation:open', { seriesUid: SERIES, segSeriesUid, sopInstanceUid });
    const third = await page.get('segmentation:save', { ...save, description: 'Reading 3' });
    expect(third).toMatchObject({ segSeriesUid, instanceNumber: second.instanceNumber + 1 });
    page.close();
  });

  it('again without a change stores nothing twice', async () => {
    const { page } = await painted();
    const first = await page.get('segmentation:save', save);
    const count = (await page.get('segmentation:list', { seriesUid: SERIES })).stored.length;
    const [a, b] = await Promise.all([page.get('segmentation:save', save), page.get('segmentation:save', save)]);
    expect([a, b]).toMatchObject(
      [first, first].map(({ sopInstanceUid, bytes, frames }) => ({ sopInstanceUid, bytes, frames })),
    );
    expect((await page.get('segmentation:list', { seriesUid: SERIES })).stored).toHaveLength(count);
    page.close();
  });

  it('is refused with what to do while the archive is away; the document stays, and then it works', async () => {
    const { page } = await painted();
    const masks = Object.fromEntries(page.masks);
    await archiveServer.pause();
    const error = await page.refusal('segmentation:save', save);
    expect(error.code).toBe('archive-unreachable');
    expect(error.remedy).toMatch(/Your work is kept/);
    expect(Object.fromEntries(page.masks)).toEqual(masks);
    await archiveServer.resume();
    const saved = await page.get('segmentation:save', save);
    expect(saved.frames).toBeGreaterThan(0);
    page.close();
  });

  it('holds the stroke that was painted just before', async () => {
    const { page, paint } = await painted();
    const before = await page.get('segmentation:save', save);
    const stroke = paint(4, [200, 7]);
    const saved = await page.get('segmentation:save', save);
    await stroke;
    expect(saved.frames).toBe(before.frames + 1);
    page.close();
  });

  it('twice at once under two names gives two instances that follow each other', async () => {
    const { page } = await painted();
    const [a, b] = await Promise.all(
      ['Reading 2', 'Reading 3'].map((description) => page.get('segmentation:save', { ...save, description })),
    );
    if (!a || !b) throw new Error('two answers');
    expect(b.sopInstanceUid).not.toBe(a.sopInstanceUid);
    expect(b.segSeriesUid).toBe(a.segSeriesUid);
    expect(b.instanceNumber).toBe(a.instanceNumber + 1);
    page.close();
  });

  it('of nothing is refused', async () => {
    const page = await Page.open(server.url, 'Ada');
    const empty = announce(ctSeries({ root: '2' }));
    await archive.store(empty.studyUid, ctSeries({ root: '2' }).files);
    await page.openSeries(empty);
    const { code } = await page.refusal('segmentation:save', { ...save, seriesUid: empty.seriesUid });
    expect(code).toBe('segmentation-empty');
    page.close();
  });
});

describe('of images of two sizes', () => {
  it('what two people drew is saved and comes back whole, also to whoever has only one of them open', async () => {
    const radiographs = radiographSeries();
    const { studyUid, seriesUid } = nameOf(radiographs);
    await archive.store(studyUid, radiographs.files);
    const opening = announce(radiographs);
    const [ada, bob] = await Promise.all([Page.open(server.url, 'Ada'), Page.open(server.url, 'Bob')]);
    const apply = (page: Page, operation: Request<'document:apply'>['operation']) =>
      page.get('document:apply', { seriesUid, operationId: randomUUID(), operation });
    const segmentId = randomUUID();
    for (const [n, page] of [ada, bob].entries()) {
      await page.openSeries({ ...opening, frames: opening.frames.slice(n, n + 1) });
      if (n === 0) await apply(page, { kind: 'segment:add', segmentId, ...LESION });
      const frame = `${opening.frames[n]?.sopInstanceUid ?? ''}/1`;
      await apply(page, { kind: 'mask:edit', edits: [{ segmentId, frame, add: [3000 + 5000 * n, 9], remove: [] }] });
    }
    const named = { seriesUid, description: 'Two views' };
    const first = await ada.get('segmentation:save', named);
    expect(first).toMatchObject({ frames: 2, instanceNumber: 1 });
    expect(await bob.get('segmentation:save', named)).toMatchObject({ sopInstanceUid: first.sopInstanceUid });
    const { stored } = await bob.get('segmentation:list', { seriesUid });
    expect(stored).toMatchObject([{ sopInstanceUid: first.sopInstanceUid, segments: 1 }]);
    await apply(ada, { kind: 'segment:delete', segmentId });
    const { segSeriesUid, sopInstanceUid } = first;
    await ada.get('segmentation:open', { seriesUid, segSeriesUid, sopInstanceUid });
    expect([...ada.masks.values()].map((runs) => runs.join()).sort()).toEqual(['3000,9', '8000,9']);
    expect(await ada.get('segmentation:save', { ...named, description: 'again' })).toMatchObject({
      ...{ segSeriesUid, instanceNumber: 2, frames: 2 },
    });
    for (const page of [ada, bob]) page.close();
  });

  it('a stored one is opened with its masks on images that nobody has open', async () => {
    const radiographs = radiographSeries(undefined, '6');
    const name = nameOf(radiographs);
    await archive.store(name.studyUid, radiographs.files);
    const document = documentOf(radiographs);
    const { segSeriesUid, sopInstanceUid } = await saveSegmentation({
      archive,
      clock: { now: () => new Date() },
      equipment: thisEquipment,
      write: (...from) => Promise.resolve(writeHere(...from)),
    })({ series: name, document, description: 'x', creator: 'y' });
    const opening = announce(radiographs);
    const page = await Page.open(server.url, 'Ada');
    await page.openSeries({ ...opening, frames: opening.frames.slice(0, 1) });
    await page.get('segmentation:open', { seriesUid: name.seriesUid, segSeriesUid, sopInstanceUid });
    expect(page.masks.size).toBe(document.cells.length);
    page.close();
  });
});
