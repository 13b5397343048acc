import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@ohif-medsam/protocol';
import type { Dispatcher } from 'undici';
import { ensureSpace, megabytes, writeRefusal } from './disk.ts';
import { fileHash } from './fileHash.ts';
import { getFile, PassingFailure } from './getFile.ts';
import { PartFile } from './partFile.ts';

/** What to download, and how to know that it is that. */
export interface Source {
  readonly address: string;
  readonly mayBeHttp: boolean;
  /** Exact, where it is known. */
  readonly bytes?: number | undefined;
  /** About; where nothing exact is known, what the size is judged by. */
  readonly megabytes: number;
  readonly sha256?: string | undefined;
  readonly md5?: string | undefined;
}

export interface DownloadPorts {
  readonly dispatcher: Dispatcher;
  readonly signal: AbortSignal;
  /** @param total - Undefined where the server does not say. */
  readonly onProgress: (bytes: number, total: number | undefined) => void;
  /** Wait before the second try; doubles with each. */
  readonly retryDelayMs?: number;
}

const TRIES = 5;
const RETRY_DELAY_MS = 1_000;
/** Share by which a size may differ from one that is known about. */
const ABOUT = 0.1;

/**
 * Downloads a file, going on where an earlier download was cut. Until its size and hash are found right it is called
 * `<path>.part`.
 * @returns Its SHA-256, lower-case hex.
 * @throws AppError `download-failed`, `download-corrupt` (what came is deleted), `state-unwritable`, `cancelled`.
 */
export async function download(source: Source, path: string, ports: DownloadPorts): Promise<string> {
  const part = new PartFile(path);
  await receive(source, part, ports);
  try {
    const found = await checkDownloaded(source, part.path);
    await part.finish();
    return found;
  } catch (error) {
    if (error instanceof AppError) await part.remove();
    throw writeRefusal(error, dirname(path)) ?? error;
  }
}

async function receive(source: Source, part: PartFile, ports: DownloadPorts): Promise<void> {
  const { signal, retryDelayMs = RETRY_DELAY_MS } = ports;
  for (let tries = 1; ; tries++) {
    try {
      return await receiveRest(source, part, ports);
    } catch (error) {
      if (error instanceof AppError) throw error;
      if (signal.aborted) throw new AppError('cancelled', 'What came is kept; the same command goes on with it.');
      const refusal = writeRefusal(error, dirname(part.path));
      if (refusal) throw refusal;
      if (tries === TRIES)
        throw new AppError('download-failed', `${String(TRIES)} tries: ${reasonOf(error)}.`, { cause: error });
    }
    await sleep(retryDelayMs * 2 ** (tries - 1), undefined, { signal }).catch(() => undefined);
  }
}

/** One request: for the whole file, or for what is missing of it. */
async function receiveRest(source: Source, part: PartFile, ports: DownloadPorts): Promise<void> {
  const { address, mayBeHttp } = source;
  const { dispatcher, signal, onProgress } = ports;
  const validator = await part.validatorFor(address);
  const had = validator === undefined ? 0 : await part.bytes();
  const headers = validator !== undefined && had > 0 ? { range: `bytes=${String(had)}-`, 'if-range': validator } : {};
  const response = await getFile(address, { dispatcher, signal, mayBeHttp, headers });
  const body = response.body.on('error', () => undefined);
  try {
    const range = rangeOf(response.headers);
    if (response.statusCode === 416) {
      if (range?.total === had) return;
      await part.remove();
      throw new PassingFailure('the file there is shorter than what came of it before');
    }
    // Only what was asked for is appended: a server that ignores the range, or has another version, begins anew.
    const start = response.statusCode === 206 ? range?.start : 0;
    if (start !== 0 && start !== had) {
      await part.remove();
      throw new PassingFailure('the server sends another part of the file than it was asked for');
    }
    const total = response.statusCode === 206 ? range?.total : lengthOf(response.headers);
    const wrong = total === undefined ? undefined : wrongSize(source, total);
    if (wrong) {
      await part.remove();
      throw wrong;
    }
    if (start === 0) await part.begin(address, validatorOf(response.headers));
    await ensureSpace(dirname(part.path), (total ?? source.megabytes * 1e6) - start);
    await write(body, part, start, (bytes) => onProgress(bytes, total), signal);
    const now = await part.bytes();
    if (total !== undefined && now < total)
      throw new PassingFailure(`cut after ${megabytes(now)} of ${megabytes(total)}`);
  } finally {
    body.destroy();
  }
}

async function write(
  body: NodeJS.ReadableStream,
  part: PartFile,
  start: number,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let bytes = start;
  const counted = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.byteLength;
      onBytes(bytes);
      done(null, chunk);
    },
  });
  // There before the first byte comes: whoever stops then goes on from it too.
  const file = await open(part.path, start === 0 ? 'w' : 'a');
  await pipeline(body, counted, file.createWriteStream(), { signal });
}

/**
 * @returns The SHA-256 of a file that is, as far as is known, the one of `source`.
 * @throws AppError `download-corrupt`
 */
export async function checkDownloaded(source: Source, path: string): Promise<string> {
  const { sha256, md5, bytes } = await fileHash(path);
  const wrong = wrongSize(source, bytes);
  if (wrong) throw wrong;
  for (const [name, found, wanted] of [
    ['SHA-256', sha256, source.sha256],
    ['MD5', md5, source.md5],
  ] as const)
    if (wanted !== undefined && found !== wanted) throw corrupt(`Its ${name} is ${found}, expected ${wanted}.`);
  return sha256;
}

/** A page that a proxy or the site puts in the place of a file comes with status 200 too. */
function wrongSize({ address, bytes, megabytes: about, sha256, md5 }: Source, found: number): AppError | undefined {
  if (bytes !== undefined)
    return found === bytes ? undefined : corrupt(`It has ${String(found)} bytes, expected ${String(bytes)}.`);
  const isKnownByHash = sha256 !== undefined || md5 !== undefined;
  if (isKnownByHash || Math.abs(found - about * 1e6) <= ABOUT * about * 1e6) return undefined;
  return corrupt(
    `It has ${String(found)} bytes, expected about ${megabytes(about * 1e6)}: perhaps a page that asks to log in. ` +
      `See in a browser what ${address} answers; a file saved there can be converted where it lies.`,
  );
}

const corrupt = (detail: string) => new AppError('download-corrupt', detail);

type Headers = Dispatcher.ResponseData['headers'];

/** @see RFC 9110 14.4, `bytes 0-9/100` and, of a range that cannot be had, `bytes *\/100` */
function rangeOf(headers: Headers): { readonly start: number; readonly total: number | undefined } | undefined {
  const [, start, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(String(headers['content-range'])) ?? [];
  if (total === undefined) return undefined;
  return { start: Number(start ?? 0), total: total === '*' ? undefined : Number(total) };
}

function lengthOf(headers: Headers): number | undefined {
  const length = Number(headers['content-length'] ?? NaN);
  return Number.isSafeInteger(length) ? length : undefined;
}

/** @see RFC 9110 13.1.5: a weak ETag says nothing of single bytes. */
function validatorOf(headers: Headers): string | undefined {
  const etag = [headers.etag].flat()[0];
  return etag !== undefined && !etag.startsWith('W/') ? etag : [headers['last-modified']].flat()[0];
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return [code, message].filter((part) => typeof part === 'string' && part !== '').join(', ') || String(error);
}
