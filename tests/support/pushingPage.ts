import { randomUUID } from 'node:crypto';
import { planeKeyOf, type Answers, type Request, type RequestName, type SeriesOpened } from '@ohif-medsam/protocol';
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
  const puts = new Map(series.frames.map((_, k) => [planeKeyOf(series.plane(k)), k]));
  const slices = createSlicePusher({
    server,
    read: (plane) => {
      const { columns, rows, components, type, pixels } = series.put(puts.get(planeKeyOf(plane)) ?? -1);
      return Promise.resolve({ columns, rows, components, type, pixels: new Uint8Array(pixels as Uint8Array) });
    },
    onRefused: () => undefined,
    onKnown: () => undefined,
    prefetchShare: 0.5,
  });
  server.on('slice:wanted', (wanted) => slices.want(wanted));
  let onOpened: (opened: SeriesOpened) => void = () => undefined;
  const next = () => new Promise<SeriesOpened>((resolve) => (onOpened = resolve));
  server.onConnected(() => {
    void server.request('series:open', series.opening).then((opened) => {
      slices.open(series.seriesUid, series.frames, opened.pixels);
      onOpened(opened);
    });
  });
  const opened = next();
  server.connect({ id: randomUUID(), name, color: [255, 128, 0] });
  await opened;
  return { server, slices, answered, reopened: next, close: () => server.disconnect() };
}
