import type { Plane } from '@ohif-medsam/protocol';
import type { Logger } from 'pino';
import type { Propagations } from '../../propagate/index.ts';
import { checkPlane } from '../../series/acceptSlice.ts';
import type { PulledSlices } from '../../series/pullSlices.ts';
import type { SeriesRegistry } from '../../series/seriesRegistry.ts';
import type { Broadcast, Connection } from '../gateway.ts';
import type { Handlers } from '../endpoint.ts';
import { logFailure } from '../logFailure.ts';

/**
 * A propagation goes on when its page is gone, or in another series: colleagues see its masks, and the page finds them when it comes
 * back. A page that is elsewhere, or on another connection, still brings the pixels and hears of the end.
 */
export const propagationHandlers = (ports: {
  readonly series: SeriesRegistry;
  readonly propagations: Propagations;
  readonly pulled: PulledSlices;
  readonly broadcast: Broadcast;
  readonly log: Logger;
}): Handlers<Connection, `propagation:${'start' | 'cancel' | 'pause' | 'resume'}`> => ({
  'propagation:start': async (start, { participant }) => {
    const { seriesUid } = start;
    const series = ports.series.around(seriesUid, start.plane);
    checkPlane(series, start.plane);
    const wanted = async (planes: readonly Plane[]) => {
      const left = await ports.pulled.bring(series, planes);
      const event = { seriesUid, planes: left };
      if (left.length > 0) ports.broadcast.toPerson(participant.id, seriesUid, 'slice:wanted', event);
    };
    const release = ports.series.hold(seriesUid);
    try {
      const named = await ports.pulled.named(start, series);
      await ports.propagations.start(named, series, participant, {
        progress: (progress) => ports.broadcast.toSeries(seriesUid, 'propagation:progress', progress),
        ended: (end) => {
          release();
          ports.broadcast.toSeriesAndPerson(participant.id, seriesUid, 'propagation:ended', end);
        },
        wanted: (planes) => void wanted(planes),
        failed: (error) => logFailure(ports.log, error, { message: 'propagation' }),
      });
    } catch (error) {
      release();
      throw error;
    }
    return null;
  },
  'propagation:cancel': ({ propagationId }) => {
    ports.propagations.cancel(propagationId);
    return Promise.resolve(null);
  },
  'propagation:pause': ({ propagationId }) => {
    ports.propagations.pause(propagationId);
    return Promise.resolve(null);
  },
  'propagation:resume': ({ propagationId }) => {
    ports.propagations.resume(propagationId);
    return Promise.resolve(null);
  },
});
