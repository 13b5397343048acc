import { AppError, frameKeyOf } from '@ohif-medsam/protocol';
import type { InferenceEngine } from '../../ports/inferenceEngine.ts';
import type { Presence } from '../../presence/presence.ts';
import type { Propagations } from '../../propagate/index.ts';
import type { VisibleSlices } from '../../segment/index.ts';
import type { Documents, SeriesShape } from '../../segmentation/index.ts';
import type { PulledSlices } from '../../series/pullSlices.ts';
import type { SeriesRegistry } from '../../series/seriesRegistry.ts';
import type { Broadcast, Connection } from '../gateway.ts';
import type { Handlers } from '../endpoint.ts';

export interface SeriesPorts {
  readonly series: SeriesRegistry;
  readonly documents: Documents;
  readonly presence: Presence;
  readonly propagations: Propagations;
  readonly engine: InferenceEngine;
  readonly visible: VisibleSlices;
  readonly pulled: PulledSlices;
  readonly broadcast: Broadcast;
}

type Names = 'series:open' | 'series:close' | 'presence:update';

/** Who opens a series joins its document, its room and its company. */
export const seriesHandlers = (ports: SeriesPorts): Handlers<Connection, Names> => ({
  'series:open': async (message, connection) => {
    const { seriesUid } = message;
    const joined = ports.presence.seriesOf(connection.id).includes(seriesUid);
    const series = ports.series.open(message, connection.id);
    const document = await enter(ports, series, connection).catch((error: unknown) => {
      if (!joined) ports.series.close(seriesUid, connection.id);
      throw error;
    });
    // Opened again, as after a lost connection: one page counts once.
    if (joined) ports.documents.close(seriesUid);
    const present = ports.presence.join(seriesUid, connection.participant);
    ports.broadcast.toSeries(seriesUid, 'presence:changed', present);
    return {
      frames: series.frames.map(frameKeyOf),
      document,
      participants: present.participants,
      models: ports.engine.models(),
      defaultModelId: ports.engine.defaultModelId,
      pixels: ports.pulled.pulls(series) ? 'pull' : 'push',
      propagations: ports.propagations.in(seriesUid),
      interrupted: ports.propagations.interruptedIn(series),
    };
  },
  'series:close': async ({ seriesUid }, connection) => {
    await connection.leave(seriesUid);
    leaveSeries(ports, seriesUid, connection.id);
    return null;
  },
  'presence:update': (update, connection) => {
    const present = ports.presence.move(connection.id, update);
    if (present) {
      ports.broadcast.toSeries(update.seriesUid, 'presence:changed', present);
      const series = ports.series.around(update.seriesUid, update.plane);
      ports.visible.look(connection.id, series, update.plane);
    }
    return Promise.resolve(null);
  },
});

/**
 * Into the room first, and nothing is waited for between the document and the answer that holds it: the page hears of every
 * change after the state that it is given, and of none before it that it would miss.
 * @throws AppError `cancelled` if the page is gone meanwhile: its leaving has been dealt with, so it must not come in.
 */
async function enter({ documents }: SeriesPorts, shape: SeriesShape, connection: Connection) {
  const { seriesUid } = shape;
  if (connection.gone.aborted) throw new AppError('cancelled');
  await connection.join(seriesUid);
  const document = await documents.open(shape).catch(async (error: unknown) => {
    await connection.leave(seriesUid);
    throw error;
  });
  if (!connection.gone.aborted) return document;
  documents.close(seriesUid);
  throw new AppError('cancelled');
}

/** For a page that is gone without a word. */
export const leaveAllSeries = (ports: SeriesPorts) => (connectionId: string) => {
  ports.visible.leave(connectionId);
  for (const seriesUid of ports.presence.seriesOf(connectionId)) leaveSeries(ports, seriesUid, connectionId);
};

function leaveSeries(ports: SeriesPorts, seriesUid: string, connectionId: string): void {
  if (!ports.presence.seriesOf(connectionId).includes(seriesUid)) return;
  ports.documents.close(seriesUid);
  ports.series.close(seriesUid, connectionId);
  ports.broadcast.toSeries(seriesUid, 'presence:changed', ports.presence.leave(seriesUid, connectionId));
}
