import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DocumentSnapshot } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedArchive } from '../../server/src/adapters/archive/embeddedArchive.ts';
import { dicomWebArchive } from '../../server/src/adapters/dicomweb/dicomWebArchive.ts';
import { segmentationThread } from '../../server/src/adapters/segmentationThread/onThread.ts';
import { openSegmentation, saveSegmentation } from '../../server/src/dicomSeg/index.ts';
import type { Archive } from '../../server/src/ports/archive.ts';
import { documentOf, nameOf } from '../fixtures/madeDocument.ts';
import { ctSeries } from '../fixtures/sourceSeries.ts';
import { orthanc, startOrthanc, type RunningOrthanc } from './orthanc.ts';
import { describeWith } from './tools.ts';

const EQUIPMENT = {
  manufacturer: 'OHIF-MedSAM',
  modelName: 'ohif-medsam',
  serialNumber: '1',
  softwareVersion: '0.1.0',
};
// A frame does not end on a byte.
const series = ctSeries({ rows: 23, columns: 38 });
const name = nameOf(series);

/** A segmentation on its way through an archive. */
function throughArchive(archive: () => Archive): void {
  const files: Uint8Array[] = [];
  const { write, read } = segmentationThread();
  const save = (document: DocumentSnapshot) =>
    saveSegmentation({
      archive: archive(),
      clock: { now: () => new Date() },
      equipment: EQUIPMENT,
      write: async (...from) => {
        const written = await write(...from);
        files.push(written.file);
        return written;
      },
    })({ series: name, document, description: 'Leber', creator: 'Ada' });
  const stored = ({ segSeriesUid, sopInstanceUid }: { segSeriesUid: string; sopInstanceUid: string }) =>
    archive().instance({ studyUid: name.studyUid, seriesUid: segSeriesUid, sopInstanceUid });

  it('comes back byte for byte; reopened and edited, it is revision 2 in its series with the same tracking ids', async () => {
    for (const outcome of await archive().store(name.studyUid, series.files)) expect(outcome.stored).toBe(true);
    const document = documentOf(series);
    const first = await save(document);
    expect(Buffer.from(files[0] ?? []).equals(await stored(first))).toBe(true);

    const open = openSegmentation({ archive: archive(), read });
    const opened = await open(name, first);
    const segments = opened.segments.map((segment) => ({ ...segment, review: { status: 'draft' as const } }));
    const saved = { ...opened.from, revision: 1 };
    const second = await save({ ...document, revision: 2, segments, cells: opened.cells.slice(1), saved });
    expect(second).toMatchObject({ segSeriesUid: first.segSeriesUid, instanceNumber: 2, frames: first.frames - 1 });
    expect(Buffer.from(files[1] ?? []).equals(await stored(second))).toBe(true);
    expect(Buffer.from(files[0] ?? []).equals(await stored(first))).toBe(true);
    const again = await open(name, second);
    expect(again.segments.map(({ tracking }) => tracking)).toEqual(document.segments.map(({ tracking }) => tracking));
    expect(again.cells).toHaveLength(opened.cells.length - 1);
  });
}

describe('a segmentation in the embedded archive', () => {
  let folder = '';
  let archive: EmbeddedArchive;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'medsam-stored-'));
    archive = await EmbeddedArchive.open(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  throughArchive(() => archive);
});

describeWith([orthanc], 'a segmentation in Orthanc', () => {
  let pacs: RunningOrthanc;
  beforeAll(async () => void (pacs = await startOrthanc()));
  afterAll(() => pacs.close());
  throughArchive(() => dicomWebArchive(pacs.connection));
});
