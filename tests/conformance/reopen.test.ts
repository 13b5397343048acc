import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AppError,
  countPixels,
  parseFrameKey,
  sameRuns,
  type Cell,
  type SavedAs,
  type Segment,
} from '@ohif-medsam/protocol';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedArchive } from '../../server/src/adapters/archive/embeddedArchive.ts';
import { readPart10 } from '../../server/src/adapters/dicom/readPart10.ts';
import { segmentationFile } from '../../server/src/adapters/dicom/segmentationFile.ts';
import { thisEquipment } from '../../server/src/adapters/thisEquipment.ts';
import { segmentationThread } from '../../server/src/adapters/segmentationThread/onThread.ts';
import {
  buildSegmentation,
  listSegmentations,
  openSegmentation,
  readSegmentation,
  saveSegmentation,
} from '../../server/src/dicomSeg/index.ts';
import type { Archive, DicomJson } from '../../server/src/ports/archive.ts';
import { itemsOf, textOf } from '../../server/src/ports/dicomJson.ts';
import { documentOf, nameOf } from '../fixtures/madeDocument.ts';
import { ctSeries, enhancedSeries, ultrasoundSeries } from '../fixtures/sourceSeries.ts';
import { describeWith, python, runPython, SHARED_DATA, sharedData } from './tools.ts';

let folder = '';
let archive: EmbeddedArchive;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medsam-reopen-'));
  archive = await EmbeddedArchive.open(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const save = (to: Archive, equipment = thisEquipment) =>
  saveSegmentation({ archive: to, clock: { now: () => new Date() }, equipment, write: segmentationThread().write });
const open = () => openSegmentation({ archive, read: segmentationThread().read });

/** What a file says of a segment that a model of this server drew. */
function identified({ algorithm }: Pick<Segment, 'algorithm'>): Segment['algorithm'] {
  const { name = '', modelSha256 } = algorithm;
  if (modelSha256 === undefined) return algorithm;
  const family = { value: '123110', scheme: 'DCM', meaning: 'Artificial Intelligence' };
  const parameters = `model sha256 ${modelSha256}`;
  return { ...algorithm, identification: { family, name, source: thisEquipment.manufacturer, parameters } };
}

/** What has to be the same after a round trip: everything but ids, which a document gives anew. */
const described = (segments: readonly Omit<Segment, 'review'>[]) =>
  segments.map(({ number, label, color, coding, tracking, algorithm }) => ({
    number,
    label,
    color,
    coding,
    tracking,
    algorithm,
  }));

function masks(segments: readonly Pick<Segment, 'id' | 'number'>[], cells: readonly Cell[]) {
  const numbers = new Map(segments.map(({ id, number }) => [id, number]));
  return cells.map(({ segmentId, frame, runs }) => `${String(numbers.get(segmentId))} ${frame} ${runs.join()}`).sort();
}

describe.each([
  ['CT', ctSeries({ positionsMm: [5, 0, 10, 2.5, 7.5], rows: 23, columns: 38 })],
  ['tilted CT with gaps', ctSeries({ positionsMm: [0, 2, 9], tilt: 0.4 })],
  ['CT of two phases', ctSeries({ positionsMm: [0, 2, 0, 2] })],
  ['enhanced CT', enhancedSeries({ positionsMm: [4, 0, 2] })],
  ['ultrasound clip', ultrasoundSeries()],
])('a segmentation of a %s', (_, series) => {
  beforeEach(async () => {
    await archive.store(nameOf(series).studyUid, series.files);
  });

  it('comes back as it was saved', async () => {
    const document = documentOf(series);
    const saving = { series: nameOf(series), document, description: 'Leber', creator: 'Ada Lovelace' };
    const saved = await save(archive)(saving);
    const opened = await open()(nameOf(series), saved);
    const meant = document.segments.map((segment) => ({ ...segment, algorithm: identified(segment) }));
    expect(described(opened.segments)).toEqual(described(meant));
    expect(masks(opened.segments, opened.cells)).toEqual(masks(document.segments, document.cells));
    expect(opened.from).toEqual({
      segSeriesUid: saved.segSeriesUid,
      sopInstanceUid: saved.sopInstanceUid,
      instanceNumber: 1,
    });
    expect(saved).toMatchObject({ revision: 7, instanceNumber: 1, frames: document.cells.length });
  });

  it('is listed, and edited it becomes the next revision in the same series with the same tracking ids', async () => {
    const document = documentOf(series);
    const request = { series: nameOf(series), document, description: 'Leber', creator: 'Ada' };
    const first = await save(archive)(request);
    const opened = await open()(nameOf(series), first);
    const saved: SavedAs = { ...opened.from, revision: 1 };
    const segments = opened.segments.map((segment) => ({ ...segment, review: { status: 'draft' as const } }));
    const edited = { ...document, revision: 2, segments, cells: opened.cells.slice(1), saved };
    const second = await save(archive)({ ...request, document: edited, description: 'Leber, korrigiert' });
    expect(second).toMatchObject({ segSeriesUid: first.segSeriesUid, instanceNumber: 2 });
    expect(second.sopInstanceUid).not.toBe(first.sopInstanceUid);
    const stored = readPart10(await archive.instance({ ...nameOf(series), ...named(second) }));
    expect(textOf(itemsOf(stored.header, '0008114A')[0] ?? {}, '00081155')).toBe(first.sopInstanceUid);
    const trackingUids = itemsOf(stored.header, '00620002').map((item) => textOf(item, '00620021'));
    expect(trackingUids).toEqual(document.segments.map(({ tracking }) => tracking.uid));
    const { stored: listed } = await listSegmentations({ archive })(nameOf(series));
    expect(listed.map(({ description, segments: count }) => [description, count])).toEqual([
      ['Leber, korrigiert', 3],
      ['Leber', 3],
    ]);
  });
});

const named = ({ segSeriesUid, sopInstanceUid }: Omit<SavedAs, 'revision'>) => ({
  seriesUid: segSeriesUid,
  sopInstanceUid,
});

const savedAs = ({ segSeriesUid, sopInstanceUid, instanceNumber }: SavedAs, revision: number): SavedAs => ({
  ...{ revision, segSeriesUid, sopInstanceUid, instanceNumber },
});

describe('saving', () => {
  const series = ctSeries();
  const request = () => ({ series: nameOf(series), document: documentOf(series), description: 'x', creator: 'y' });
  beforeEach(async () => {
    await archive.store(nameOf(series).studyUid, series.files);
  });

  const storedSegmentations = async () =>
    (await listSegmentations({ archive })(nameOf(series))).stored.map((s) => s.sopInstanceUid);

  /** The archive, which stores, but the first times does not say so in time. */
  const late = (times: number): Archive => ({
    searchSeries: (studyUid) => archive.searchSeries(studyUid),
    seriesMetadata: (name) => archive.seriesMetadata(name),
    instance: (name) => archive.instance(name),
    async store(studyUid, files) {
      const outcomes = await archive.store(studyUid, files);
      if (times-- > 0) throw new AppError('archive-timeout');
      return outcomes;
    },
  });

  it('may be repeated after a timeout in which the archive had stored it: there is no second object', async () => {
    const saveThere = save(late(1));
    await expect(saveThere(request())).rejects.toMatchObject({ code: 'archive-timeout' });
    const saved = await saveThere(request());
    expect(await storedSegmentations()).toEqual([saved.sopInstanceUid]);
    // Also by a server that was started again meanwhile, which writes another time of day into the file.
    await expect(save(archive)(request())).resolves.toMatchObject({ sopInstanceUid: saved.sopInstanceUid });
    expect(await storedSegmentations()).toEqual([saved.sopInstanceUid]);
  });

  it.each([
    ['what was drawn', false],
    ['what another program stored', true],
  ])('after such a timeout an edit of %s is the next revision', async (_, isForeign) => {
    const { document, ...rest } = request();
    const foreign = await save(archive, { ...thisEquipment, manufacturer: 'Other' })({ ...rest, document });
    const tracking = { id: 'own', uid: '2.25.77' };
    const segments = document.segments.map((segment) => ({ ...segment, tracking }));
    const own = { ...document, segments, ...(isForeign && { saved: savedAs(foreign, 1) }) };
    const saveThere = save(late(2));
    await expect(saveThere({ ...rest, document: own })).rejects.toMatchObject({ code: 'archive-timeout' });
    const [lost] = (await storedSegmentations()).filter((uid) => uid !== foreign.sopInstanceUid);
    const edited = { ...rest, document: { ...own, cells: own.cells.slice(1) } };
    await expect(saveThere(edited)).rejects.toMatchObject({ code: 'archive-timeout' });
    const saved = await saveThere(edited);
    expect(saved.instanceNumber).toBe(2);
    expect(await storedSegmentations()).toHaveLength(3);
    const { header } = readPart10(await archive.instance({ ...nameOf(series), ...named(saved) }));
    expect(itemsOf(header, '0008114A').map((item) => textOf(item, '00081155'))).toEqual([lost]);
  });

  it('again without a change stores nothing, under another description a revision', async () => {
    const { document, ...rest } = request();
    const first = await save(archive)({ ...rest, document });
    const again = { ...document, saved: savedAs(first, document.revision) };
    await expect(save(archive)({ ...rest, document: again })).resolves.toEqual(first);
    expect(await storedSegmentations()).toEqual([first.sopInstanceUid]);
    const renamed = await save(archive)({ ...rest, document: again, description: 'another' });
    expect(renamed).toMatchObject({ segSeriesUid: first.segSeriesUid, instanceNumber: 2 });
  });

  it('goes on in a new series when somebody deleted the one before from the archive', async () => {
    const saved = { revision: 1, segSeriesUid: '2.25.41', sopInstanceUid: '2.25.42', instanceNumber: 3 };
    const { document, ...rest } = request();
    const again = await save(archive)({ ...rest, document: { ...document, saved } });
    expect(again.instanceNumber).toBe(1);
    expect(again.segSeriesUid).not.toBe(saved.segSeriesUid);
    expect(await storedSegmentations()).toEqual([again.sopInstanceUid]);
  });

  it('stays in its series while the archive does not list the newest revision yet', async () => {
    const { document, ...rest } = request();
    const first = await save(archive)({ ...rest, document });
    const notListed = { ...savedAs(first, 1), sopInstanceUid: '2.25.43', instanceNumber: 2 };
    const third = await save(archive)({ ...rest, document: { ...document, saved: notListed } });
    expect(third).toMatchObject({ segSeriesUid: first.segSeriesUid, instanceNumber: 3 });
    const stored = readPart10(await archive.instance({ ...nameOf(series), ...named(third) })).header;
    expect(textOf(itemsOf(stored, '0008114A')[0] ?? {}, '00081155')).toBe(notListed.sopInstanceUid);
    const listed = await archive.seriesMetadata({ ...nameOf(series), seriesUid: first.segSeriesUid });
    expect(new Set(listed.map((header) => textOf(header, '00200011'))).size).toBe(1);
  });

  it('says why the archive refused', async () => {
    const refusing: Archive = {
      ...late(0),
      store: () =>
        Promise.resolve([
          { sopInstanceUid: '1', stored: false, reasonCode: 0xa700, reason: 'The archive has no space left.' },
        ]),
    };
    const failed = save(refusing)(request());
    await expect(failed).rejects.toMatchObject({ code: 'archive-refused', detail: 'The archive has no space left.' });
  });

  it('refuses a document without any mask, and masks on images that the archive does not have', async () => {
    const { document, ...rest } = request();
    const empty = { ...document, cells: document.cells.map((cell) => ({ ...cell, runs: [] })) };
    await expect(save(archive)({ ...rest, document: empty })).rejects.toMatchObject({ code: 'segmentation-empty' });
    const strange = { ...document, cells: document.cells.map((cell) => ({ ...cell, frame: '1.2.3/1' })) };
    await expect(save(archive)({ ...rest, document: strange })).rejects.toMatchObject({ code: 'source-unsupported' });
    expect(await storedSegmentations()).toEqual([]);
  });
});

describe('opening', () => {
  async function storedOf(series: ReturnType<typeof ctSeries>) {
    await archive.store(nameOf(series).studyUid, series.files);
    const request = { series: nameOf(series), document: documentOf(series), description: 'x', creator: 'y' };
    const saved = await save(archive)(request);
    return segmentationFile(await archive.instance({ ...nameOf(series), ...named(saved) }));
  }

  it('refuses positions that contradict the references, as some writers store them in reverse', async () => {
    const series = ctSeries();
    const file = await storedOf(series);
    const groups = itemsOf(file.header, '52009230');
    const turned = groups.map((group, n) => ({
      ...group,
      '00209113': groups[groups.length - 1 - n]?.['00209113'] ?? { vr: 'SQ' },
    }));
    const header = { ...file.header, '52009230': { vr: 'SQ', Value: turned } };
    const read = readSegmentation({ ...file, header }, series.headers, randomUUID);
    await expect(read).rejects.toMatchObject({
      code: 'segmentation-unreadable',
      detail: expect.stringContaining('elsewhere') as string,
    });
  });

  it('refuses a segmentation of another series', async () => {
    const series = ctSeries();
    const file = await storedOf(series);
    const other = ctSeries({ root: '4', positionsMm: [100, 102] });
    await expect(readSegmentation(file, other.headers, randomUUID)).rejects.toMatchObject({
      code: 'segmentation-unreadable',
    });
  });
});

describeWith([sharedData], 'opening a segmentation of another program (dcmqi)', () => {
  it.each([
    ['liver.dcm', 1],
    ['partial_overlaps.dcm', 5],
  ])('%s', async (name, segments) => {
    const path = join(SHARED_DATA, 'dicom', 'seg_ct_dcmqi');
    const images = (await readdir(path)).filter((file) => /^\d+\.dcm$/.test(file));
    const sources = await Promise.all(images.map(async (file) => readPart10(await readFile(join(path, file))).header));
    const file = segmentationFile(await readFile(join(path, name)));
    const content = await readSegmentation(file, sources, randomUUID);
    expect(content.segments).toHaveLength(segments);
    expect(content.cells.some((cell) => sameRuns(cell.runs, []))).toBe(false);
    expect(new Set(content.cells.map(({ frame }) => frame)).size).toBeLessThanOrEqual(3);
    const identity = { seriesUid: '2.25.1', sopInstanceUid: '2.25.2', instanceNumber: 1, predecessor: undefined };
    const rest = { description: 'again', creator: undefined, at: new Date() };
    const { header } = buildSegmentation(content, sources, { ...identity, ...rest }, thisEquipment);
    const says = (of: DicomJson) =>
      itemsOf(of, '00620002').map((item) =>
        ['00620005', '00620006', '00620008', '00620009', '00620007', '00620003', '0062000F'].map((tag) => item[tag]),
      );
    expect(says(header)).toEqual(says(file.header));
  });
});

describeWith([python], 'opening a segmentation that highdicom wrote', () => {
  const [IMPLICIT, EXPLICIT, RLE] = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.5'];

  const WRITTEN = [
    ['BINARY', EXPLICIT],
    ['BINARY', IMPLICIT],
    ['FRACTIONAL', EXPLICIT],
    ['FRACTIONAL', RLE],
    ['LABELMAP', EXPLICIT],
    ['LABELMAP', RLE],
  ] as const;
  const series = ctSeries({ rows: 22, columns: 30 });
  let files: Buffer[];
  let meantOf: unknown[][];
  beforeAll(async () => {
    const foreign = await mkdtemp(join(tmpdir(), 'medsam-foreign-'));
    const images = series.files.map((_, n) => join(foreign, `image${String(n)}.dcm`));
    await Promise.all(images.map((file, n) => writeFile(file, series.files[n] ?? '')));
    const tasks = WRITTEN.map((kind, n) => [join(foreign, `${String(n)}.dcm`), ...kind] as const);
    meantOf = JSON.parse(await runPython('write_segmentation.py', [JSON.stringify(tasks), ...images])) as unknown[][];
    files = await Promise.all(tasks.map(([out]) => readFile(out)));
    await rm(foreign, { recursive: true });
  });

  it.each(WRITTEN.map(([type, syntax], n) => [type, syntax, n] as const))('%s in %s', async (_, __, n) => {
    const [file = Buffer.of(), meant = []] = [files[n], meantOf[n]];
    const content = await readSegmentation(segmentationFile(file), series.headers, randomUUID);
    const numbers = new Map(content.segments.map(({ id, number }) => [id, number]));
    const found = content.cells.map(({ segmentId, frame, runs }) => {
      const { sopInstanceUid, frameNumber } = parseFrameKey(frame);
      return [numbers.get(segmentId), sopInstanceUid, frameNumber, countPixels(runs)];
    });
    expect(found.sort()).toEqual(meant.sort());
    expect(content.segments.map(({ label }) => label)).toEqual(['Quarter', 'Pixel']);
  });
});
