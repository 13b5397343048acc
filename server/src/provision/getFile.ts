import { AppError } from '@ohif-medsam/protocol';
import { request, type Dispatcher } from 'undici';

const REDIRECTS = 5;
/** The server is busy or something behind it is: worth another try. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);
const HINTS: Readonly<Record<number, string>> = {
  401: 'it wants a sign-in',
  403: 'it forbids the download',
  404: 'there is no such file',
  407: 'the proxy wants a sign-in',
  410: 'the file is gone',
};

/** A failure that another try may not meet. */
export class PassingFailure extends Error {}

export interface FileRequest {
  readonly dispatcher: Dispatcher;
  readonly signal: AbortSignal;
  /** Whether http may be used, as in a local network; addresses of https never lead to http. */
  readonly mayBeHttp: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Asks for a file as it lies there, uncompressed, and follows redirects.
 * @returns The response with status 200, 206 or 416; its body has to be read or destroyed.
 * @throws AppError `download-failed` where asking again is of no use; PassingFailure, or an error of the network, where it may be.
 */
export async function getFile(address: string, options: FileRequest): Promise<Dispatcher.ResponseData> {
  let url = new URL(address);
  for (let redirects = 0; redirects <= REDIRECTS; redirects++) {
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && options.mayBeHttp))
      throw new AppError('download-failed', `${url.origin} is not reached by https.`);
    const { dispatcher, signal } = options;
    const headers = { ...options.headers, 'accept-encoding': 'identity', 'user-agent': 'ohif-medsam' };
    const response = await request(url, { dispatcher, signal, headers });
    const { statusCode: status } = response;
    if (status === 200 || status === 206 || status === 416) return response;
    response.body.on('error', () => undefined).destroy();
    const location = [response.headers.location].flat()[0];
    if (status >= 300 && status < 400 && location !== undefined) url = new URL(location, url);
    else if (PASSING.has(status)) throw new PassingFailure(`${url.host} answers ${String(status)}`);
    else {
      const hint = HINTS[status];
      throw new AppError('download-failed', `${url.href} answers ${String(status)}${hint ? `: ${hint}` : ''}.`);
    }
  }
  throw new AppError('download-failed', `${address} redirects more than ${String(REDIRECTS)} times.`);
}
