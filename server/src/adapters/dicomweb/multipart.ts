import { AppError } from '@ohif-medsam/protocol';
import { ByteQueue } from './byteQueue.ts';

/** One part of a `multipart/related` message (RFC 2387), header names in lower case. */
export interface Part {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface MultipartLimits {
  readonly partBytes: number;
  readonly totalBytes: number;
}

const MAX_HEADER_BYTES = 8192;
const BLANK_LINE = '\r\n\r\n';

/** The `boundary` parameter of a Content-Type; undefined where it is no multipart type. */
export function boundaryOf(contentType: string | null | undefined): string | undefined {
  if (!contentType?.toLowerCase().startsWith('multipart/')) return undefined;
  const match = /boundary=(?:"([^"]{1,200})"|([^\s;]{1,200}))/i.exec(contentType);
  return match?.[1] ?? match?.[2];
}

/**
 * Reads parts as they arrive: never more than one part is in memory.
 * @throws AppError `message-too-large` beyond the limits, `message-invalid` where the message is cut or malformed.
 */
export async function* readMultipart(
  stream: AsyncIterable<Uint8Array>,
  boundary: string,
  limits: MultipartLimits,
): AsyncGenerator<Part> {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const queue = new ByteQueue();
  // The line break in front of a delimiter belongs to it; the first delimiter of a message may come without one.
  queue.append(Buffer.from('\r\n'));
  let totalBytes = 0;
  let inPreamble = true;
  for await (const chunk of stream) {
    totalBytes += chunk.length;
    if (totalBytes > limits.totalBytes)
      throw new AppError('message-too-large', `More than ${limits.totalBytes} bytes.`);
    queue.append(chunk);
    for (let end = queue.indexOf(delimiter); end >= 0; end = queue.indexOf(delimiter)) {
      const section = queue.take(end);
      queue.take(delimiter.length);
      if (!inPreamble) yield parsePart(section, limits);
      inPreamble = false;
    }
    if (queue.length > limits.partBytes + MAX_HEADER_BYTES) throw partTooLarge(limits);
  }
  const closed = !inPreamble && queue.length >= 2 && queue.take(2).toString('latin1') === '--';
  if (!closed) throw new AppError('message-invalid', 'The multipart message ends before its closing boundary.');
}

function parsePart(section: Buffer, limits: MultipartLimits): Part {
  const headersEnd = section.subarray(0, MAX_HEADER_BYTES).indexOf(BLANK_LINE);
  if (headersEnd < 0) throw new AppError('message-invalid', 'A part of the multipart message has no end of headers.');
  const body = section.subarray(headersEnd + BLANK_LINE.length);
  if (body.length > limits.partBytes) throw partTooLarge(limits);
  const lines = section.toString('latin1', 0, headersEnd).split('\r\n');
  const headers = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return colon < 0 ? [] : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const];
  });
  return { headers: Object.fromEntries(headers), body };
}

const partTooLarge = (limits: MultipartLimits): AppError =>
  new AppError('message-too-large', `A part has more than ${limits.partBytes} bytes.`);

/** The bytes in front of the body of a part, and those behind the last part. */
export const partHead = (boundary: string, headers: Readonly<Record<string, string>>): string =>
  `\r\n--${boundary}\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`;
export const multipartEnd = (boundary: string): string => `\r\n--${boundary}--\r\n`;
