import { randomUUID } from 'node:crypto';
import { AppError } from '@ohif-medsam/protocol';
import * as z from 'zod';
import type { Archive, DicomJson, InstanceName, SeriesName, StoreOutcome } from '../../ports/archive.ts';
import { readSopInstanceUid } from '../dicom/readSopInstanceUid.ts';
import { assertSuccess, requestArchive, type DicomWebConnection } from './dicomWebClient.ts';
import { boundaryOf, multipartEnd, partHead, readMultipart } from './multipart.ts';
import { readText } from './readText.ts';
import { outcomeFound, storeOutcomes } from './storeOutcomes.ts';

const GIBIBYTE = 1024 ** 3;
const INSTANCE_LIMITS = { partBytes: 2 * GIBIBYTE, totalBytes: 2 * GIBIBYTE };

/** Headers of some ten thousand frames. */
const JSON_BYTES = 256 * 1024 ** 2;

const JSON_TYPE = 'application/dicom+json';
const INSTANCE_TYPE = 'multipart/related; type="application/dicom"; transfer-syntax=*';

const element = z.object({
  vr: z.string(),
  Value: z.array(z.unknown()).exactOptional(),
  BulkDataURI: z.string().exactOptional(),
  InlineBinary: z.string().exactOptional(),
});
/** The DICOM JSON Model, nested sequences unparsed. */
const dicomJson = z.record(z.string().regex(/^[0-9A-F]{8}$/), element);

/** A PACS behind DICOMweb (PS3.18), by plain fetch. */
export function dicomWebArchive(connection: DicomWebConnection): Archive {
  return {
    async searchSeries(studyUid, signal) {
      const path = `/studies/${encodeURIComponent(studyUid)}/series`;
      return requestArchive(connection, path, { headers: { Accept: JSON_TYPE } }, readHeaders, signal);
    },

    async seriesMetadata(series, signal) {
      const init = { headers: { Accept: JSON_TYPE } };
      const headers = await requestArchive(connection, `${seriesPath(series)}/metadata`, init, readHeaders, signal);
      // Some archives answer with an empty list instead of 404.
      if (headers.length === 0) throw new AppError('not-found');
      return headers;
    },

    async instance(name: InstanceName, signal) {
      const path = `${seriesPath(name)}/instances/${encodeURIComponent(name.sopInstanceUid)}`;
      return requestArchive(connection, path, { headers: { Accept: INSTANCE_TYPE } }, readInstance, signal);
    },

    async store(studyUid, files, signal) {
      const boundary = randomUUID();
      const head = Buffer.from(partHead(boundary, { 'Content-Type': 'application/dicom' }));
      const body = new Blob([
        ...files.flatMap((file) => [head, file as Uint8Array<ArrayBuffer>]),
        multipartEnd(boundary),
      ]);
      const headers = {
        Accept: JSON_TYPE,
        'Content-Type': `multipart/related; type="application/dicom"; boundary=${boundary}`,
      };
      const sent = files.map(readSopInstanceUid);
      const read = async (response: Response) => storeOutcomes(sent, response.status, await textOf(response));
      const study = `/studies/${encodeURIComponent(studyUid)}`;
      const outcomes = await requestArchive(connection, study, { method: 'POST', headers, body }, read, signal);
      return outcomes ?? Promise.all(sent.map((uid) => lookedUp(studyUid, uid, signal)));
    },
  };

  /** QIDO-RS for an object of which the answer to its storing said nothing. */
  async function lookedUp(studyUid: string, uid: string, signal: AbortSignal | undefined): Promise<StoreOutcome> {
    const path = `/studies/${encodeURIComponent(studyUid)}/instances?SOPInstanceUID=${encodeURIComponent(uid)}`;
    const found = await requestArchive(connection, path, { headers: { Accept: JSON_TYPE } }, readHeaders, signal);
    return outcomeFound(uid, found);
  }
}

const seriesPath = ({ studyUid, seriesUid }: SeriesName): string =>
  `/studies/${encodeURIComponent(studyUid)}/series/${encodeURIComponent(seriesUid)}`;

async function readHeaders(response: Response): Promise<readonly DicomJson[]> {
  assertSuccess(response);
  if (response.status === 204) return [];
  const parsed = z.array(dicomJson).safeParse(jsonOf(await textOf(response)));
  if (!parsed.success) throw new AppError('archive-refused', 'Its answer is not DICOM JSON.');
  return parsed.data;
}

const textOf = async ({ body }: Response): Promise<string> => (body ? readText(body, JSON_BYTES) : '');

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readInstance(response: Response): Promise<Uint8Array> {
  assertSuccess(response);
  const boundary = boundaryOf(response.headers.get('Content-Type'));
  if (boundary === undefined || response.body === null)
    throw new AppError('archive-refused', 'Its answer is not multipart.');
  try {
    for await (const { body } of readMultipart(response.body, boundary, INSTANCE_LIMITS)) return body;
  } catch (cause) {
    if (cause instanceof AppError) throw new AppError('archive-refused', `Its answer: ${cause.message}`, { cause });
    throw cause;
  }
  throw new AppError('archive-refused', 'Its answer holds no object.');
}
