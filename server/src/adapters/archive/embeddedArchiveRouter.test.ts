import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Archive, DicomJson } from '../../ports/archive.ts';
import { itemsOf, textOf } from '../../ports/dicomJson.ts';
import { archiveContract } from '../dicomweb/archiveContract.ts';
import { dicomWebArchive } from '../dicomweb/dicomWebArchive.ts';
import { tinySeries, type TinyFile } from '../dicomweb/fixtures.ts';
import { boundaryOf, multipartEnd, partHead, readMultipart } from '../dicomweb/multipart.ts';
import { EmbeddedArchive } from './embeddedArchive.ts';
import { embeddedArchiveRouter } from './embeddedArchiveRouter.ts';

let folder: string;
let server: Server;
let url: string;
let archive: Archive;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medsam-archive-http-'));
  const limits = { partBytes: 100_000, totalBytes: 300_000 };
  const app = express().use('/dicom-web', embeddedArchiveRouter(await EmbeddedArchive.open(folder), limits));
  app.use(((error: Error & { status?: number }, _request, response, next) => {
    if (response.headersSent) return next(error);
    response.status(error.status ?? 500).json({ message: error.message });
  }) satisfies express.ErrorRequestHandler);
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/dicom-web`;
  archive = dicomWebArchive({ url, timeoutMs: 10_000 });
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const getJson = async (path: string): Promise<DicomJson[]> => {
  const response = await fetch(`${url}${path}`);
  expect(response.status, path).toBe(200);
  expect(response.headers.get('content-type')).toContain('application/dicom+json');
  return (await response.json()) as DicomJson[];
};
const text = (vr: string, ...Value: string[]) => ({ vr, Value });

async function parts(path: string, accept: string): Promise<{ type: string | undefined; body: Buffer }[]> {
  const response = await fetch(`${url}${path}`, { headers: { Accept: accept } });
  expect(response.status, path).toBe(200);
  const boundary = boundaryOf(response.headers.get('content-type'));
  if (boundary === undefined || !response.body) throw new Error('not multipart');
  const found = [];
  for await (const { headers, body } of readMultipart(response.body, boundary, { partBytes: 1e6, totalBytes: 1e7 }))
    found.push({ type: headers['content-type'], body });
  return found;
}

const pathOf = ({ name }: TinyFile): string =>
  `/studies/${name.studyUid}/series/${name.seriesUid}/instances/${name.sopInstanceUid}`;

describe('the embedded archive over HTTP', () => {
  archiveContract(() => archive);
});

describe('QIDO-RS', () => {
  const [ct, mr] = [
    tinySeries(2, {
      '00080020': text('DA', '20250310'),
      '00080050': text('SH', 'QIDO-1'),
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Muster^Anna^Maria' }] },
      '00100020': text('LO', 'Q1'),
    }),
    tinySeries(1, {
      '00080020': text('DA', '20250520'),
      '00080050': text('SH', 'QIDO-2'),
      '00080060': text('CS', 'MR'),
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Beispiel^Bernd' }] },
      '00100020': text('LO', 'Q2'),
    }),
  ];
  const studyOf = (files: readonly TinyFile[]) => files[0]?.name.studyUid ?? '';
  beforeAll(async () => {
    for (const files of [ct, mr])
      await archive.store(
        studyOf(files),
        files.map(({ bytes }) => bytes),
      );
  });

  const found = async (query: string): Promise<string[]> => {
    const studies = await getJson(`/studies?${query}`);
    const mine = new Map([
      [studyOf(ct), 'ct'],
      [studyOf(mr), 'mr'],
    ]);
    return studies.flatMap((study) => mine.get(textOf(study, '0020000D') ?? '') ?? []);
  };

  it.each([
    ['', ['mr', 'ct']],
    ['PatientName=*muster*', ['ct']],
    ['PatientName=Muster^A*', ['ct']],
    ['00100010=B?ispiel*', ['mr']],
    ['PatientName=anna%20must&fuzzymatching=true', ['ct']],
    ['PatientName=anna&fuzzymatching=false', []],
    ['00100020=*Q*&AccessionNumber=*QIDO-2*', ['mr']],
    ['StudyDate=20250310', ['ct']],
    ['StudyDate=20250401-20250601', ['mr']],
    ['StudyDate=20250401-', ['mr']],
    ['StudyDate=-20250310&AccessionNumber=QIDO-*', ['ct']],
    ['ModalitiesInStudy=MR&AccessionNumber=QIDO*', ['mr']],
    ['ModalitiesInStudy=MR%2CCT&AccessionNumber=QIDO*', ['mr', 'ct']],
    ['ModalitiesInStudy=US', []],
    ['AccessionNumber=QIDO*&limit=1', ['mr']],
    ['AccessionNumber=QIDO*&limit=1&offset=1', ['ct']],
    ['AccessionNumber=QIDO*&offset=2', []],
    ['PatientID=&StudyDescription=*&AccessionNumber=QIDO-1&includefield=00081030%2C00080060&includefield=all', ['ct']],
    ['PatientName=.*', []],
    [`PatientName=${'*M'.repeat(3000)}`, []],
    ['PatientName=m?ster**anna*a', ['ct']],
  ])('GET /studies?%s finds %j, newest first', async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  it('tells of a study what a study list shows', async () => {
    const [study] = await getJson(`/studies?StudyInstanceUID=${studyOf(ct)}`);
    if (!study) throw new Error('not found');
    expect(['00080020', '00080030', '00080050', '00080061', '00100020'].map((tag) => textOf(study, tag))).toEqual([
      '20250310',
      '101500',
      'QIDO-1',
      'CT',
      'Q1',
    ]);
    expect(study['00201206']?.Value).toEqual([1]);
    expect(study['00201208']?.Value).toEqual([2]);
  });

  it('lists series and instances, of a study or of all', async () => {
    const series = ct[0]?.name.seriesUid ?? '';
    const [found] = await getJson(`/studies/${studyOf(ct)}/series?includefield=00080021%2C0008103E`);
    expect(textOf(found ?? {}, '0020000E')).toBe(series);
    expect(found?.['00201209']?.Value).toEqual([2]);
    const instances = await getJson(`/studies/${studyOf(ct)}/series/${series}/instances`);
    expect(instances.map((instance) => instance['00200013']?.Value)).toEqual([[1], [2]]);
    expect(textOf(instances[0] ?? {}, '00083002')).toBe('1.2.840.10008.1.2.1');
    expect(await getJson(`/series?SeriesInstanceUID=${series}`)).toHaveLength(1);
    expect(await getJson(`/instances?SOPInstanceUID=${ct[1]?.name.sopInstanceUid ?? ''}`)).toHaveLength(1);
    expect(await getJson(`/studies/${studyOf(ct)}/instances?Rows=4&limit=5`)).toHaveLength(2);
  });

  it.each(['/studies/%zz/series', '/studies/%zz'])(
    'GET %s is no address, and no failure of the server',
    async (path) => {
      expect((await fetch(`${url}${path}`)).status).toBe(400);
    },
  );

  it.each([
    `/studies?PatientName=${'a'.repeat(9000)}`,
    '/studies?Nonsense=1',
    '/studies?Modality=CT',
    '/studies?limit=-1',
    '/studies?offset=many',
  ])('GET %s is a mistake, and the answer says which', async (path) => {
    const response = await fetch(`${url}${path}`);
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(/PatientName|Nonsense|Modality|limit=-1|offset=many/);
  });
});

describe('WADO-RS', () => {
  const files = tinySeries(2);
  const [first, second] = files as [TinyFile, TinyFile];
  const { studyUid, seriesUid } = first.name;
  beforeAll(() =>
    archive.store(
      studyUid,
      files.map(({ bytes }) => bytes),
    ),
  );

  it('gives metadata of study, series and instance, with its pixels pointed at on this origin', async () => {
    for (const path of [`/studies/${studyUid}`, `/studies/${studyUid}/series/${seriesUid}`])
      expect(await getJson(`${path}/metadata`)).toHaveLength(2);
    const [header] = await getJson(`${pathOf(first)}/metadata`);
    expect(header?.['7FE00010']).toEqual({ vr: 'OW', BulkDataURI: `/dicom-web${pathOf(first)}/bulkdata/7FE00010` });
    expect(textOf(header ?? {}, '00080005')).toBe('ISO_IR 192');
  });

  it('gives frames and bulk data as they are in the file, with their transfer syntax', async () => {
    const pixels = Buffer.from(Int16Array.from({ length: 16 }, (_, at) => at - 8).buffer);
    const accept = 'multipart/related; type=application/octet-stream; transfer-syntax=*';
    const expected = [{ type: 'application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1', body: pixels }];
    expect(await parts(`${pathOf(first)}/frames/1`, accept)).toEqual(expected);
    expect(await parts(`${pathOf(first)}/bulkdata/7FE00010`, accept)).toEqual(expected);
    const bare = await fetch(`${url}${pathOf(first)}/frames/1`, { headers: { Accept: 'application/octet-stream' } });
    expect(Buffer.from(await bare.arrayBuffer()).equals(pixels)).toBe(true);
  });

  it('gives the frames of a multi-frame object in the order asked for', async () => {
    const [many] = tinySeries(1, {
      '00280008': text('IS', '4'),
      '00280010': { vr: 'US', Value: [2] },
      '00280011': { vr: 'US', Value: [2] },
    });
    if (!many) throw new Error('no file');
    await archive.store(many.name.studyUid, [many.bytes]);
    const frames = await parts(`${pathOf(many)}/frames/3,1`, 'multipart/related');
    expect(frames.map(({ body }) => body.readInt16LE(0))).toEqual([0, -8]);
  });

  it('gives whole files of a study, a series or an instance, byte for byte', async () => {
    const type = 'multipart/related; type="application/dicom"; transfer-syntax=*';
    for (const path of [`/studies/${studyUid}`, `/studies/${studyUid}/series/${seriesUid}`])
      expect((await parts(path, type)).map(({ body }) => body)).toEqual(files.map(({ bytes }) => Buffer.from(bytes)));
    expect((await parts(pathOf(second), type)).map(({ body }) => body)).toEqual([Buffer.from(second.bytes)]);
    const single = await fetch(`${url}${pathOf(second)}`, { headers: { Accept: 'application/dicom' } });
    expect(single.headers.get('content-type')).toContain('application/dicom');
    expect(Buffer.from(await single.arrayBuffer()).equals(second.bytes)).toBe(true);
  });

  it.each([
    [`${pathOf(first)}/frames/2`, '*/*', 404],
    [`${pathOf(first)}/frames/0`, '*/*', 404],
    [`${pathOf(first)}/frames/x`, '*/*', 404],
    [`${pathOf(first)}/bulkdata/00101010`, '*/*', 404],
    [`${pathOf(first)}/rendered`, 'image/png', 404],
    [`/studies/1.2.3/series/4.5/instances/6.7`, '*/*', 404],
    [`/studies/..%2F..%2Fetc/metadata`, '*/*', 404],
    [pathOf(first), 'multipart/related; type="application/dicom"; transfer-syntax=1.2.840.10008.1.2.4.90', 422],
  ])('GET %s with Accept %s is answered %i', async (path, accept, status) => {
    expect((await fetch(`${url}${path}`, { headers: { Accept: accept } })).status).toBe(status);
  });
});

describe('STOW-RS', () => {
  const post = (
    body: Uint8Array,
    type = 'multipart/related; type="application/dicom"; boundary=b',
    path = '/studies',
  ) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': type },
      body: body as Uint8Array<ArrayBuffer>,
    });
  const message = (...bodies: Uint8Array[]): Buffer =>
    Buffer.concat([
      ...bodies.flatMap((body) => [Buffer.from(partHead('b', { 'Content-Type': 'application/dicom' })), body]),
      Buffer.from(multipartEnd('b')),
    ]);

  it('answers 200, 202 or 409 for all, some or none, and names each object', async () => {
    const [one, two] = tinySeries(2) as [TinyFile, TinyFile];
    const junk = new Uint8Array(400);
    const all = await post(message(one.bytes));
    const some = await post(message(junk, two.bytes, one.bytes));
    const none = await post(message(junk));
    expect([all.status, some.status, none.status]).toEqual([200, 202, 409]);
    const answer = (await some.json()) as DicomJson;
    expect(itemsOf(answer, '00081199').map((item) => textOf(item, '00081155'))).toEqual(
      [two, one].map(({ name }) => name.sopInstanceUid),
    );
    expect(itemsOf(answer, '00081198').map((item) => item['00081197']?.Value)).toEqual([[0xc000]]);
  });

  it('refuses what is too large, cut off or of another kind, and goes on serving', async () => {
    const [file] = tinySeries(1) as [TinyFile];
    expect((await post(message(new Uint8Array(100_001)))).status).toBe(413);
    const many = Array.from({ length: 4 }, () => new Uint8Array(90_000));
    expect((await post(message(...many))).status).toBe(413);
    expect((await post(message(file.bytes).subarray(0, -20))).status).toBe(400);
    expect((await post(message())).status).toBe(400);
    expect((await post(message(file.bytes))).status).toBe(200);
  });

  it.each([
    'application/dicom+json',
    'multipart/related; type="application/dicom+json"; boundary=b',
    // Browsers let a page of any site send this.
    'multipart/form-data; boundary=b; type=application/dicom',
  ])('refuses %s, and says what to send', async (type) => {
    const [file] = tinySeries(1) as [TinyFile];
    const refused = await post(message(file.bytes), type);
    expect(refused.status).toBe(415);
    expect(await refused.text()).toContain('multipart/related');
  });

  it.each([
    'multipart/related;type=application/dicom;boundary=b',
    'Multipart/Related; boundary=b; type="application/dicom"',
  ])('takes %s too', async (type) => {
    const [file] = tinySeries(1) as [TinyFile];
    expect((await post(message(file.bytes), type)).status).toBe(200);
  });
});
