import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '@ohif-medsam/protocol';
import type { Request, Response } from 'express';
import type { DicomJson, DicomJsonElement, InstanceName } from '../../ports/archive.ts';
import type { ByteRange } from '../dicom/bulkRanges.ts';
import { multipartEnd, partHead } from '../dicomweb/multipart.ts';
import type { EmbeddedArchive, Target } from './embeddedArchive.ts';
import { nameOf, type InstanceRecord } from './instanceFiles.ts';

interface Piece {
  readonly path: string;
  readonly range: ByteRange;
}
interface OutgoingPart {
  readonly contentType: string;
  readonly pieces: readonly Piece[];
}

/** WADO-RS metadata (PS3.18 section 10.4.1.1.2); what is left out is pointed at on this same origin. */
export async function sendMetadata(archive: EmbeddedArchive, request: Request, response: Response): Promise<void> {
  const records = await archive.records(target(request));
  const headers = records.map((record) =>
    withBulkDataUris(record, `${request.baseUrl}${instancePath(nameOf(record.header))}`),
  );
  response.type('application/dicom+json').json(headers);
}

/** WADO-RS instances: the files, byte for byte. */
export async function sendInstances(archive: EmbeddedArchive, request: Request, response: Response): Promise<void> {
  const records = await archive.records(target(request));
  records.forEach((record) => assertSyntax(request, record));
  const parts = await Promise.all(
    records.map(async ({ header, transferSyntaxUid }): Promise<OutgoingPart> => {
      const path = archive.path(nameOf(header));
      const contentType = `application/dicom; transfer-syntax=${transferSyntaxUid}`;
      return { contentType, pieces: [{ path, range: [0, (await stat(path)).size] }] };
    }),
  );
  await sendParts(request, response, 'application/dicom', parts);
}

/** WADO-RS frames (PS3.18 section 10.4.1.1.6), 1-based and in the order asked for, in the transfer syntax of the file. */
export async function sendFrames(archive: EmbeddedArchive, request: Request, response: Response): Promise<void> {
  const { path, record } = await one(archive, request);
  assertSyntax(request, record);
  if (record.frames.length === 0)
    throw new AppError('dicom-unsupported', 'Its frames cannot be retrieved one by one; retrieve the whole instance.');
  const parts = String(request.params['frames'])
    .split(',')
    .map((number): OutgoingPart => {
      const ranges = record.frames[Number(number) - 1];
      if (ranges === undefined) throw new AppError('not-found', `Frame ${number} of ${record.frames.length}.`);
      return { contentType: octets(record), pieces: ranges.map((range) => ({ path, range })) };
    });
  await sendParts(request, response, 'application/octet-stream', parts);
}

/** WADO-RS bulk data of a top-level attribute. Encapsulated pixel data comes as its frames. */
export async function sendBulkData(archive: EmbeddedArchive, request: Request, response: Response): Promise<void> {
  const { path, record } = await one(archive, request);
  const tag = String(request.params['tag']).toUpperCase();
  const value = record.values[tag];
  const pieces = value ? [[value]] : tag === '7FE00010' ? record.frames : [];
  if (pieces.length === 0) throw new AppError('not-found', `No bulk data under ${tag}.`);
  const parts = pieces.map((ranges) => ({
    contentType: octets(record),
    pieces: ranges.map((range) => ({ path, range })),
  }));
  await sendParts(request, response, 'application/octet-stream', parts);
}

const octets = ({ frameSyntaxUid }: InstanceRecord) => `application/octet-stream; transfer-syntax=${frameSyntaxUid}`;

function target(request: Request): Target {
  const { study = '', series, instance } = request.params as Partial<Record<string, string>>;
  return { studyUid: study, seriesUid: series, sopInstanceUid: instance };
}

async function one(archive: EmbeddedArchive, request: Request): Promise<{ path: string; record: InstanceRecord }> {
  const [record] = await archive.records(target(request));
  if (record === undefined) throw new AppError('not-found');
  return { path: archive.path(nameOf(record.header)), record };
}

const instancePath = ({ studyUid, seriesUid, sopInstanceUid }: InstanceName): string =>
  `/studies/${studyUid}/series/${seriesUid}/instances/${sopInstanceUid}`;

function withBulkDataUris({ header, values, frames }: InstanceRecord, instanceUrl: string): DicomJson {
  const isEncapsulated = frames.length > 0 && !Object.keys(values).some((tag) => tag.startsWith('7FE0'));
  const tags = [...Object.keys(values), ...(isEncapsulated ? ['7FE00010'] : [])];
  const uris = tags.map((tag): [string, DicomJsonElement] => [
    tag,
    { vr: header[tag]?.vr ?? 'OW', BulkDataURI: `${instanceUrl}/bulkdata/${tag}` },
  ]);
  return { ...header, ...Object.fromEntries(uris) };
}

/** Nothing is transcoded here: who insists on another syntax is told, and who names none gets the file's. */
function assertSyntax(request: Request, { transferSyntaxUid }: InstanceRecord): void {
  const wanted = [...(request.headers.accept ?? '').matchAll(/transfer-syntax="?([\d.*]+)/gi)].map(([, uid]) => uid);
  if (wanted.length === 0 || wanted.includes('*') || wanted.includes(transferSyntaxUid)) return;
  throw new AppError('dicom-unsupported', `Stored as ${transferSyntaxUid}; ask for transfer-syntax=*.`);
}

/** As `multipart/related`, or bare where there is one part and the client does not take multipart. */
async function sendParts(
  request: Request,
  response: Response,
  type: string,
  parts: readonly OutgoingPart[],
): Promise<void> {
  const [first] = parts;
  const accept = request.headers.accept ?? '*/*';
  if (first && parts.length === 1 && !accept.includes('multipart/related') && !accept.includes('*/*')) {
    response.set('Content-Type', first.contentType);
    return pour(first.pieces, response);
  }
  const boundary = randomUUID();
  response.set('Content-Type', `multipart/related; type="${type}"; boundary=${boundary}`);
  const heads = parts.map(({ contentType, pieces }) => [
    partHead(boundary, { 'Content-Type': contentType }),
    ...pieces,
  ]);
  await pour([...heads.flat(), multipartEnd(boundary)], response);
}

async function pour(content: readonly (string | Piece)[], response: Response): Promise<void> {
  const bytes = content.map((each) => (typeof each === 'string' ? Buffer.byteLength(each) : each.range[1]));
  response.set('Content-Length', String(bytes.reduce((sum, count) => sum + count, 0)));
  try {
    await pipeline(Readable.from(chunksOf(content)), response);
  } catch (error) {
    // A viewer that goes away in the middle is no error.
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
  }
}

async function* chunksOf(content: readonly (string | Piece)[]): AsyncGenerator<Uint8Array> {
  for (const each of content) {
    if (typeof each === 'string') yield Buffer.from(each);
    else if (each.range[1] > 0) yield* read(each);
  }
}

const read = ({ path, range: [start, length] }: Piece): AsyncIterable<Buffer> =>
  createReadStream(path, { start, end: start + length - 1 });
