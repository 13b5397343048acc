import { pipeline } from 'node:stream/promises';
import { AppError, toWireError } from '@ohif-medsam/protocol';
import express, { type Request, type Response as Answer, type Router } from 'express';
import { authorizationOf, rootOf, type DicomWebConnection } from './dicomWebClient.ts';
import { proxyPath } from './proxyPath.ts';
import { readText } from './readText.ts';

/** What of a viewer's request goes on: never its cookies or its own Authorization. */
const REQUEST_HEADERS = ['accept', 'content-type', 'content-length', 'range', 'if-none-match', 'if-modified-since'];
/** What of the answer comes back: no cookies, no question for a password, nothing about the connection behind. */
const ANSWER_HEADERS = ['content-type', 'content-range', 'accept-ranges', 'etag', 'last-modified', 'cache-control'];

/** BulkDataURI and RetrieveURL, up to and including the archive's DICOMweb root. */
const ABSOLUTE_URL = /"https?:\/\/[^"/]+([^"]*?)(?=\/studies\/)/g;

/** The metadata of some 50,000 images. */
const JSON_BYTES = 256 * 1024 ** 2;

/**
 * The PACS under our own origin: the viewer needs neither its address, nor its password, nor CORS. Mount it where the
 * viewer looks for DICOMweb. Only searching, retrieving and storing pass: who reaches this server acts with the server's
 * password, and must not delete or administer with it.
 * @param onFailure - Told of each request that could not be answered, or not to its end.
 * @param jsonBytes - Largest JSON answer; JSON is held whole because the URLs in it are pointed at this proxy.
 */
export function dicomWebProxy(
  connection: DicomWebConnection,
  onFailure: (failure: AppError) => void,
  jsonBytes = JSON_BYTES,
): Router {
  const router = express.Router();
  router.use(async (request, answer) => {
    const gone = new AbortController();
    answer.once('close', () => gone.abort(new AppError('cancelled')));
    const silence = setTimeout(() => gone.abort(new AppError('archive-timeout')), connection.timeoutMs);
    try {
      await forward(connection, request, answer, { signal: gone.signal, silence, jsonBytes });
    } catch (error) {
      const failure = failureOf(gone.signal.aborted ? gone.signal.reason : error);
      onFailure(failure);
      refuse(answer, failure);
    } finally {
      clearTimeout(silence);
    }
  });
  return router;
}

interface Forwarding {
  readonly signal: AbortSignal;
  /** Ends the request when nothing has moved for the connection's timeout. */
  readonly silence: NodeJS.Timeout;
  readonly jsonBytes: number;
}

async function forward(
  connection: DicomWebConnection,
  request: Request,
  answer: Answer,
  { signal, silence, jsonBytes }: Forwarding,
): Promise<void> {
  const response = await fetch(`${rootOf(connection)}${proxyPath(request.method, request.url)}`, {
    method: request.method,
    headers: headersFor(connection, request),
    ...(request.method === 'POST' && { body: ReadableStream.from(moving(request, silence)), duplex: 'half' }),
    signal,
  });
  silence.refresh();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const json = isJson && response.body ? await readText(moving(response.body, silence), jsonBytes) : undefined;
  answer.status(response.status);
  for (const name of ANSWER_HEADERS) {
    const value = response.headers.get(name);
    if (value !== null) answer.setHeader(name, value);
  }
  if (json !== undefined) return void answer.end(json.replace(ABSOLUTE_URL, `"${request.baseUrl}`));
  // fetch has decoded the body: the length of a compressed one is no longer true.
  const length = response.headers.has('content-encoding') ? null : response.headers.get('content-length');
  if (length !== null) answer.setHeader('content-length', length);
  if (response.body) await pipeline(moving(response.body, silence), answer);
  else answer.end();
}

function headersFor(connection: DicomWebConnection, { headers }: Request): Headers {
  const authorization = authorizationOf(connection);
  const picked = new Headers(authorization === undefined ? {} : { Authorization: authorization });
  for (const name of REQUEST_HEADERS) {
    const value = headers[name];
    if (typeof value === 'string') picked.set(name, value);
  }
  return picked;
}

/** The chunks; each of them breaks the silence. */
async function* moving(chunks: AsyncIterable<Uint8Array>, silence: NodeJS.Timeout): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    silence.refresh();
    yield chunk;
  }
}

const failureOf = (error: unknown): AppError =>
  error instanceof AppError ? error : new AppError('archive-unreachable', undefined, { cause: error });

/** Says what happened where that is still possible; an answer that has begun is cut, so that nobody takes it for whole. */
function refuse(answer: Answer, failure: AppError): void {
  if (answer.headersSent || answer.destroyed) answer.destroy();
  else answer.status(failure.status).json({ error: toWireError(failure) });
}
