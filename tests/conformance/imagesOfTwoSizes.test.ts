import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, type Cell, type DocumentSnapshot, type SavedAs } from '@ohif-medsam/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedArchive } from '../../server/src/adapters/archive/embeddedArchive.ts';
import { segmentationFile } from '../../server/src/adapters/dicom/segmentationFile.ts';
import { writeHere } from '../../server/src/adapters/segmentationThread/work.ts';
import { thisEquipment } from '../../server/src/adapters/thisEquipment.ts';
import {
  listSegmentations,
  openSegmentation,
  readSegmentation,
  saveSegmentation,
} from '../../server/src/dicomSeg/index.ts';
import type { Archive, DicomJson } from '../../server/src/ports/archive.ts';
import { itemsOf, numberOf, textOf } from '../../server/src/ports/dicomJson.ts';
import { documentOf, nameOf } from '../fixtures/madeDocument.ts';
import { radiographSeries } from '../fixtures/sourceSeries.ts';
import { complaints, describeWith, dicom3tools } from './tools.ts';

const series = radiographSeries();
const [small, large] = series.headers.map((header) => `${textOf(header, '00080018') ?? ''}/1`);
const request = { series: nameOf(series), description: 'x', creator: 'y' };
const [segment] = documentOf(series).segments;
const on = (runs: Record<string, number[]>, saved: SavedAs | null = null, revision = 1): DocumentSnapshot => ({
  ...documentOf(series),
  segments: segment ? [segment] : [],
  cells: Object.entries(runs).map(([frame, r]) => ({ segmentId: segment?.id ?? '', frame, runs: r })),
  saved,
  revision,
});
const both = { [small ?? '']: [100, 9], [large ?? '']: [8000, 7] };
const imagesOf = (header: DicomJson) =>
  itemsOf(itemsOf(header, '00081115')[0] ?? {}, '0008114A').map((item) => `${textOf(item, '00081155') ?? ''}/1`);
/** By size, oldest first. */
async function stored(): Promise<Record<string, DicomJson[]>> {
  const found = await archive.searchSeries(request.series.studyUid);
  const bySize: Record<string, DicomJson[]> = {};
  for (const of of found.filter((header) => textOf(header, '00080060') === 'SEG')) {
    const seriesUid = textOf(of, '0020000E') ?? '';
    const headers = await archive.seriesMetadata({ ...request.series, seriesUid });
    const sizes = headers.map(
      (header) => `${String(header['00280011']?.Value)} x ${String(header['00280010']?.Value)}`,
    );
    expect(new Set(sizes).size).toBe(1);
    expect(bySize).not.toHaveProperty([sizes[0] ?? '']);
    bySize[sizes[0] ?? ''] = [...headers].sort((a, b) => numberOf(a, '00200013')! - numberOf(b, '00200013')!);
  }
  return bySize;
}
const numbersOf = (headers: readonly DicomJson[] = []) => headers.map((header) => numberOf(header, '00200013'));

let folder = '';
let archive: EmbeddedArchive;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medsam-sizes-'));
  archive = await EmbeddedArchive.open(folder);
  await archive.store(request.series.studyUid, series.files);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const save = (to: Archive = archive) =>
  saveSegmentation({
    archive: to,
    clock: { now: () => new Date() },
    equipment: thisEquipment,
    write: (...from) => Promise.resolve(writeHere(...from)),
  });
const open = () =>
  openSegmentation({
    archive,
    read: (file, sources) => readSegmentation(segmentationFile(file), sources, randomUUID),
  });
const savedAs = ({ segSeriesUid, sopInstanceUid, instanceNumber }: SavedAs, revision: number): SavedAs => ({
  ...{ revision, segSeriesUid, sopInstanceUid, instanceNumber },
});
const masks = ({ cells }: { readonly cells: readonly Cell[] }) =>
  cells.map(({ frame, runs }) => `${frame} ${runs.join()}`).sort();

describe('a document with masks on images of two sizes', () => {
  it('becomes one object for each size, in a series of its own, that names the images of that size alone', async () => {
    const answer = await save()({ ...request, document: on(both) });
    expect(answer.frames).toBe(2);
    const objects = await stored();
    expect(objects).toMatchObject({ '48 x 64': [{}], '104 x 80': [{}] });
    expect(objects['48 x 64']?.map(imagesOf)).toEqual([[small]]);
    expect(objects['104 x 80']?.map(imagesOf)).toEqual([[large]]);
  });

  describeWith([dicom3tools], 'validators', () => {
    it('find nothing wrong in the objects, nor between them and their images', async () => {
      const first = savedAs(await save()({ ...request, document: on(both) }), 1);
      await save()({ ...request, document: on({ ...both, [large ?? '']: [8010, 7] }, first, 2) });
      const segs = Object.values(await stored()).flat();
      const files = await Promise.all(
        segs.map((header) => {
          const [seriesUid = '', sopInstanceUid = ''] = ['0020000E', '00080018'].map((tag) => textOf(header, tag));
          return archive.instance({ ...request.series, seriesUid, sopInstanceUid });
        }),
      );
      const paths = [...files, ...series.files].map((_, n) => join(folder, `${String(n)}.dcm`));
      await Promise.all([...files, ...series.files].map((file, n) => writeFile(paths[n] ?? '', file)));
      expect(files).toHaveLength(4);
      for (const seg of paths.slice(0, files.length)) expect(await complaints('dciodvfy', ['-new', seg])).toEqual([]);
      expect(await complaints('dcentvfy', paths)).toEqual([]);
    });
  });

  it('is listed once, and comes back whole whichever object is opened', async () => {
    const { segSeriesUid, sopInstanceUid, instanceNumber } = await save()({ ...request, document: on(both) });
    const from = { segSeriesUid, sopInstanceUid, instanceNumber };
    const { stored: listed } = await listSegmentations({ archive })(request.series);
    expect(listed).toMatchObject([{ segSeriesUid, sopInstanceUid }]);
    for (const [header] of Object.values(await stored())) {
      const name = { segSeriesUid: textOf(header!, '0020000E')!, sopInstanceUid: textOf(header!, '00080018')! };
      const opened = await open()(request.series, name);
      expect(opened.from).toEqual(from);
      expect(opened.segments).toMatchObject([{ label: segment?.label, tracking: segment?.tracking }]);
      expect(masks(opened)).toEqual(masks(on(both)));
      expect(opened.frames.map(({ rows, columns }) => [rows, columns])).toEqual([
        [64, 48],
        [80, 104],
      ]);
    }
  });

  it('saved again is a revision of each, without a change nothing', async () => {
    const first = savedAs(await save()({ ...request, document: on(both) }), 1);
    const again = await save()({ ...request, document: on(both, first) });
    expect(again).toMatchObject({ ...first, frames: 2 });
    const changed = on({ ...both, [large ?? '']: [8010, 7] }, first, 2);
    const second = savedAs(await save()({ ...request, document: changed }), 2);
    expect(second).toMatchObject({ segSeriesUid: first.segSeriesUid, instanceNumber: 2 });
    const objects = await stored();
    expect([objects['48 x 64'], objects['104 x 80']].map(numbersOf)).toEqual([
      [1, 2],
      [1, 2],
    ]);
    const { stored: listed } = await listSegmentations({ archive })(request.series);
    expect(listed.map((one) => one.instanceNumber)).toEqual([2, 1]);
    for (const [saved, document] of [
      [first, on(both)],
      [second, changed],
    ] as const) {
      const opened = await open()(request.series, saved);
      expect(masks(opened)).toEqual(masks(document));
    }
  });

  it('goes on when masks on another size come, go, and come again', async () => {
    const first = savedAs(await save()({ ...request, document: on({ [large ?? '']: [8000, 7] }) }), 1);
    const second = savedAs(await save()({ ...request, document: on(both, first, 2) }), 2);
    const third = savedAs(await save()({ ...request, document: on({ [large ?? '']: [8001, 7] }, second, 3) }), 3);
    expect((await open()(request.series, third)).cells).toMatchObject([{ frame: large }]);
    await save()({ ...request, document: on(both, third, 4) });
    const objects = await stored();
    expect([objects['48 x 64'], objects['104 x 80']].map(numbersOf)).toEqual([
      [1, 2],
      [1, 2, 3, 4],
    ]);
  });

  it('after a failure half-way is stored whole, and nothing twice', async () => {
    const document = on(both, savedAs(await save()({ ...request, document: on(both) }), 0), 2);
    let stores = 0;
    const failing: Archive = {
      searchSeries: (studyUid) => archive.searchSeries(studyUid),
      seriesMetadata: (name) => archive.seriesMetadata(name),
      instance: (name) => archive.instance(name),
      store: async (studyUid, files) => {
        if (++stores === 2) throw new AppError('archive-timeout');
        return archive.store(studyUid, files);
      },
    };
    const saveThere = save(failing);
    const changed = { ...document, cells: on({ ...both, [large ?? '']: [8020, 7] }).cells };
    await expect(saveThere({ ...request, document: changed })).rejects.toMatchObject({ code: 'archive-timeout' });
    const saved = await saveThere({ ...request, document: changed });
    const objects = await stored();
    expect([objects['48 x 64'], objects['104 x 80']].map(numbersOf)).toEqual([
      [1, 2],
      [1, 2],
    ]);
    const opened = await open()(request.series, saved);
    expect(masks(opened)).toEqual(masks(changed));
  });
});
