import { EnvHttpProxyAgent, type Dispatcher } from 'undici';

/** A server that says nothing for this long is taken for gone. */
const SILENCE_MS = 30_000;

/**
 * Connections by way of the proxies that the environment names: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, or in lower case.
 * @param silenceMs - Longest time without a byte.
 */
export const throughProxies = (
  env: Readonly<Record<string, string | undefined>>,
  silenceMs: number = SILENCE_MS,
): Dispatcher =>
  new EnvHttpProxyAgent({
    httpProxy: env['http_proxy'] ?? env['HTTP_PROXY'] ?? '',
    httpsProxy: env['https_proxy'] ?? env['HTTPS_PROXY'] ?? '',
    noProxy: env['no_proxy'] ?? env['NO_PROXY'] ?? '',
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
    // Proxies tunnel to the port of https only; what is plain http they forward.
    proxyTunnel: false,
  });
