import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { Settings } from '../settings.ts';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

const isLoopback = (name: string): boolean =>
  name === 'localhost' || (isIP(name) > 0 && LOOPBACK.check(name, isIP(name) === 6 ? 'ipv6' : 'ipv4'));

/** Name and port as they stand in an address; an IPv6 address in brackets. */
const HOST = /^(?<name>[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;
const nameIn = (host: string): string =>
  (HOST.exec(host)?.groups?.['name'] ?? '').replace(/^\[|\]$|\.$/g, '').toLowerCase();

type Headers = Pick<IncomingHttpHeaders, 'host' | 'origin'>;
export type OwnPages = ReturnType<typeof ownPages>;

/** Which pages are this server's own. Browsers let any page of any site send requests to any address they reach, this one included. */
export function ownPages({ host: listensOn, allowedOrigins }: Pick<Settings, 'host' | 'allowedOrigins'>) {
  const allowedHosts = allowedOrigins.map((origin) => new URL(origin).host);
  const allowedNames = allowedHosts.map(nameIn);
  return {
    /**
     * Whether a request calls this server by a name that it has. Another site can have its own name lead to this machine (DNS
     * rebinding), and then reads here as if it were at home; only the Host header tells, whose port proxies may leave out. Programs may
     * send none. On a network any name may be right: there a proxy signs people in.
     */
    knows({ host }: Headers): boolean {
      if (host === undefined || !isLoopback(listensOn)) return true;
      const name = nameIn(host);
      return isLoopback(name) || allowedNames.includes(name);
    },
    /**
     * Whether a page of this server's opens a WebSocket or sends what changes something: CORS does not hold for the former, nor
     * for all of the latter. Programs send no Origin.
     */
    sent({ host, origin }: Headers): boolean {
      if (origin === undefined || allowedOrigins.includes(origin)) return true;
      return URL.canParse(origin) && new URL(origin).host === host;
    },
    /**
     * Where pages open their WebSocket to, in a Content-Security-Policy: not every browser counts it to 'self'. The policy has no
     * words for IPv6.
     */
    sockets: ({ host }: Headers): string =>
      [...allowedHosts, ...(host !== undefined && HOST.test(host) ? [host] : [])]
        .filter((own) => !own.startsWith('['))
        .flatMap((own) => [`ws://${own}`, `wss://${own}`])
        .join(' '),
  };
}
