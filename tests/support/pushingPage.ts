import { randomUUID } from 'node:crypto';
import {
  planeKeyOf,
  type Answers,
  type Plane,
  type Request,
  type RequestName,
  type SeriesOpened,
} from '@ohif-medsam/protocol';
import { createServerConnection } from '../../extension/src/adapters/serverConnection.ts';
import { createSlicePusher, type SlicePusher } from '../../extension/src/adapters/slicePusher.ts';
import type { Server } from '../../extension/src/session/ports.ts';
import type { SyntheticSeries } from './syntheticSeries.ts';

export interface PushingPage {
  readonly server: Server;
  readonly slices: SlicePusher;
  /** Names of the requests that were answered, in their order. */
  readonly answered: RequestName[];
  /** Resolves once the series is open again, after a connection that was lost. */
  reopened(): Promise<SeriesOpened>;
  /** Makes another connection: the page noticed that this one is gone. */
  reconnect(): void;
  /** Leaves the series for another one. */
  go(other: SyntheticSeries): Promise<void>;
  close(): void;
}

/** A page with the viewer's own connection and pusher, which opens its series on every connection as the viewer does. */
export async function openPushingPage(url: string, series: SyntheticSeries, name = 'Ada'): Promise<PushingPage> {
  const connection = createServerConnection(url, () => undefined);
  const answered: RequestName[] = [];
  const server: Server = {
    ...connection,
    async request<N extends RequestName>(request: N, message: Request<N>): Promise<Answers[N]> {
      const answer = await connection.request(request, message);
      answered.push(request);
      return answer;
    },
  };
  const slices = createSlicePusher({
    server,
    onRefused: () => undefined,
    onKnown: () => undefined,
    prefetchShare: 0.5,
  });
  server.on('slice:wanted', (wanted) => slices.want(wanted));
  let onOpened: (opened: SeriesOpened) => void = () => undefined;
  const next = () => new Promise<SeriesOpened>((resolve) => (onOpened = resolve));
  let shown = series;
  const me = { id: randomUUID(), name, color: [255, 128, 0] } as const;
  async function open(): Promise<SeriesOpened> {
    const of = shown;
    const opened = await server.request('series:open', of.opening);
    slices.open(of.seriesUid, of.frames, opened.pixels, readerOf(of));
    return opened;
  }
  server.onConnected(() => void open().then((opened) => onOpened(opened)));
  const opened = next();
  const reconnect = () => server.connect(me);
  reconnect();
  await opened;
  const go = async (other: SyntheticSeries) => {
    await server.request('series:close', { seriesUid: shown.seriesUid });
    shown = other;
    await open();
  };
  return { server, slices, answered, reopened: next, reconnect, go, close: () => server.disconnect() };
}

function readerOf(series: SyntheticSeries) {
  const puts = new Map(series.frames.map((_, k) => [planeKeyOf(series.plane(k)), k]));
  return (plane: Plane) => {
    const { columns, rows, components, type, pixels } = series.put(puts.get(planeKeyOf(plane)) ?? -1);
    return Promise.resolve({ columns, rows, components, type, pixels: new Uint8Array(pixels as Uint8Array) });
  };
}
