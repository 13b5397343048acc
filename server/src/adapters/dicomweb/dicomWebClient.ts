import { AppError } from '@ohif-medsam/protocol';

export interface DicomWebConnection {
  /** Root of the DICOMweb service, for example `http://pacs:8042/dicom-web`. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly bearerToken?: string | undefined;
  /** For the whole of one request, body included. */
  readonly timeoutMs: number;
}

/** The Authorization header for the archive; undefined where it asks for none. */
export function authorizationOf({ username, password, bearerToken }: DicomWebConnection): string | undefined {
  if (bearerToken !== undefined) return `Bearer ${bearerToken}`;
  if (username === undefined) return undefined;
  return `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`;
}

export const rootOf = ({ url }: DicomWebConnection): string => url.replace(/\/+$/, '');

/**
 * One request to the archive; `read` gets the answer, whatever its status, within the same time limit.
 * @param path - Below the root, beginning with a slash.
 * @throws AppError `archive-unreachable`, `archive-timeout`, or `cancelled` by the signal.
 */
export async function requestArchive<T>(
  connection: DicomWebConnection,
  path: string,
  init: RequestInit,
  read: (response: Response) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const timeout = AbortSignal.timeout(connection.timeoutMs);
  const authorization = authorizationOf(connection);
  try {
    const response = await fetch(`${rootOf(connection)}${path}`, {
      ...init,
      headers: { ...init.headers, ...(authorization ? { Authorization: authorization } : {}) },
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    return await read(response);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    if (signal?.aborted) throw new AppError('cancelled', undefined, { cause });
    if (timeout.aborted)
      throw new AppError('archive-timeout', `No answer within ${connection.timeoutMs} ms.`, { cause });
    throw new AppError('archive-unreachable', `At ${new URL(connection.url).host}.`, { cause });
  }
}

/** @throws AppError `not-found` or `archive-refused` where the answer is not a success. */
export function assertSuccess({ ok, status, statusText }: Response): void {
  if (ok) return;
  if (status === 404 || status === 410) throw new AppError('not-found');
  const why = status === 401 || status === 403 ? ' Check the user name and password in the server settings.' : '';
  throw new AppError('archive-refused', `It answered ${status} ${statusText}.${why}`);
}
