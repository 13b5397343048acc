import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { countPixels, frameKeyOf, type Plane, type Request, type SeriesFrame } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeHere } from '../../server/src/adapters/archivePixels/decodeHere.ts';
import { readPart10 } from '../../server/src/adapters/dicom/readPart10.ts';
import { dicomWebArchive } from '../../server/src/adapters/dicomweb/dicomWebArchive.ts';
import { tinySeries } from '../../server/src/adapters/dicomweb/fixtures.ts';
import { sourceFrames } from '../../server/src/dicomSeg/index.ts';
import { textOf } from '../../server/src/ports/dicomJson.ts';
import { describeWith, SHARED_DATA, sharedData } from '../conformance/tools.ts';
import { LESION } from '../support/lesion.ts';
import { Page } from '../support/page.ts';
import { startServer, type RunningServer } from '../support/runningServer.ts';

const window = { kind: 'auto' } as const;
const PLACE = { frameNumber: 1, rows: 64, columns: 64 } as const;

let server: RunningServer;
let page: Page;
beforeAll(async () => {
  server = await startServer({ pixels: 'pull' });
  page = await Page.open(server.url);
});
afterAll(async () => {
  page.close();
  await server.close();
});

const store = async (studyUid: string, files: readonly Uint8Array[]) => {
  const archive = dicomWebArchive({ url: `${server.url}/dicom-web`, timeoutMs: 60_000 });
  const outcomes = await archive.store(studyUid, files);
  expect(outcomes.every(({ stored }) => stored)).toBe(true);
};
const addSegment = async (seriesUid: string) => {
  const segmentId = randomUUID();
  const operation = { kind: 'segment:add', segmentId, ...LESION } as const;
  await page.get('document:apply', { seriesUid, operationId: randomUUID(), operation });
  return segmentId;
};

describeWith([sharedData], 'a real CT in the archive, of which no page sends a pixel', () => {
  const folder = join(SHARED_DATA, 'dicom', 'ct_totalseg_made30');
  let opening: Request<'series:open'>;
  let frames: readonly string[];
  const plane = (k: number): Plane => ({ axis: 'k', frame: frames[k] ?? '' });

  beforeAll(async () => {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.dcm'));
    const files = await Promise.all(names.map(async (name) => readFile(join(folder, name))));
    const headers = files.map((file) => readPart10(file).header).filter((h) => textOf(h, '00080060') === 'CT');
    const [first = {}] = headers;
    const [studyUid = '', seriesUid = ''] = ['0020000D', '0020000E'].map((tag) => textOf(first, tag));
    await store(studyUid, files);
    opening = { studyUid, seriesUid, modality: 'CT', bodyPart: 'ABDOMEN', frames: [...sourceFrames(headers)] };
    const opened = await page.openSeries(opening);
    expect(opened.pixels).toBe('pull');
    frames = opened.frames;
  });

  it('a box becomes a mask, and the mask is carried through the volume', async () => {
    const { seriesUid } = opening;
    const segmentId = await addSegment(seriesUid);
    const asked: unknown[] = [];
    page.socket.on('slice:wanted', (wanted) => asked.push(wanted));
    const about = { seriesUid, segmentId, plane: plane(15), window };
    const prompt = { ...about, promptId: randomUUID(), box: [60, 40, 100, 90] } as const;
    expect((await page.get('prompt:segment', prompt)).pixels).toBeGreaterThan(0);
    const ended = page.next('propagation:ended');
    await page.get('propagation:start', { ...about, propagationId: randomUUID(), direction: 'both' });
    const { planes, forward, backward } = await ended;
    expect(planes).toBeGreaterThan(0);
    expect([forward, backward]).not.toContain('slice-missing');
    expect(asked).toEqual([]);
    expect([...page.masks.values()].every((runs) => countPixels(runs) > 0)).toBe(true);
  });

  it('also in a plane across the slices', async () => {
    const { seriesUid } = opening;
    const segmentId = await addSegment(seriesUid);
    const across = { axis: 'j', index: 60 } as const;
    const prompt = {
      seriesUid,
      promptId: randomUUID(),
      segmentId,
      plane: across,
      box: [50, 3, 110, 27] as const,
      window,
    };
    expect((await page.get('prompt:segment', prompt)).pixels).toBeGreaterThan(0);
  });
});

it('a plane across the slices is read anew when another page announces more of them', async () => {
  const files = tinySeries(6);
  const [{ studyUid = '', seriesUid = '' } = {}] = files.map(({ name }) => name);
  await store(
    studyUid,
    files.map(({ bytes }) => bytes),
  );
  const frames = [...sourceFrames(files.map(({ bytes }) => readPart10(bytes).header))];
  const opening = { studyUid, seriesUid, modality: 'CT', frames: frames.slice(0, 3) };
  await page.openSeries(opening);
  const view = { seriesUid, plane: { axis: 'i', index: 1 }, window, size: 64 } as const;
  expect(await page.get('model:view', view)).toMatchObject({ columns: 4, rows: 3 });
  const other = await Page.open(server.url, 'Bob');
  await other.openSeries({ ...opening, frames: frames.slice(3) });
  expect(await page.get('model:view', view)).toMatchObject({ columns: 4, rows: 6 });
  other.close();
});

it('PET is left to the page, which shows SUV where the file has other units', async () => {
  const [file] = tinySeries(1, { '00080060': { vr: 'CS', Value: ['PT'] } });
  if (!file) throw new RangeError('no file');
  const { studyUid, seriesUid, sopInstanceUid } = file.name;
  await store(studyUid, [file.bytes]);
  const frame: SeriesFrame = { sopInstanceUid, sopClassUid: '1.2.840.10008.5.1.4.1.1.128', ...PLACE };
  expect((await page.openSeries({ studyUid, seriesUid, modality: 'PT', frames: [frame] })).pixels).toBe('push');
  const segmentId = await addSegment(seriesUid);
  const at: Plane = { axis: 'k', frame: frameKeyOf(frame) };
  const prompt = { seriesUid, promptId: randomUUID(), segmentId, plane: at, box: [1, 1, 5, 5] as const, window };
  expect(await page.refusal('prompt:segment', prompt)).toMatchObject({ code: 'slice-missing' });
});

describe('an image that the server cannot read', () => {
  it('is told of with the reason, and segmented once the page sends it', async () => {
    const [file] = tinySeries(1);
    if (!file) throw new RangeError('no file');
    const { studyUid, seriesUid, sopInstanceUid } = file.name;
    const size = { rows: 64, columns: 64 };
    const frame: SeriesFrame = { sopInstanceUid, sopClassUid: '1.2.840.10008.5.1.4.1.1.2', frameNumber: 1, ...size };
    const opening = { studyUid, seriesUid, modality: 'CT', frames: [frame] };
    // Nothing of it is in the archive.
    expect((await page.openSeries(opening)).pixels).toBe('pull');
    const segmentId = await addSegment(seriesUid);
    const at: Plane = { axis: 'k', frame: frameKeyOf(frame) };
    const prompt = { seriesUid, promptId: randomUUID(), segmentId, plane: at, box: [10, 10, 50, 50] as const, window };
    expect(await page.refusal('prompt:segment', prompt)).toMatchObject({
      code: 'slice-missing',
      detail: expect.stringMatching(/cannot read the pixels itself/) as string,
    });
    const pixels = new Uint8Array(64 * 64).fill(9);
    const hash = createHash('sha256').update(pixels).digest('hex');
    await page.get('slice:put', { seriesUid, plane: at, hash, ...size, components: 1, type: 'uint8', pixels });
    await page.get('prompt:segment', { ...prompt, sliceHash: hash });
    expect((await page.openSeries(opening)).pixels).toBe('push');
  });

  it('is no reason to fail: what a decoder throws becomes an answer', async () => {
    expect(await decodeHere(new Uint8Array(200), [1])).toMatchObject({ code: 'dicom-invalid' });
  });
});
