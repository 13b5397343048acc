import type { SliceStore } from '../../ports/sliceStore.ts';
import { acceptSlice } from '../../series/acceptSlice.ts';
import type { SeriesRegistry } from '../../series/seriesRegistry.ts';
import type { Connection } from '../gateway.ts';
import type { Handlers } from '../endpoint.ts';

export const sliceHandlers = (ports: {
  series: SeriesRegistry;
  slices: SliceStore;
}): Handlers<Connection, 'slice:have' | 'slice:put'> => ({
  'slice:have': ({ seriesUid, slices }) => {
    ports.series.get(seriesUid);
    const missing = slices.flatMap(({ plane, hash }, at) => (ports.slices.get(seriesUid, plane, hash) ? [] : [at]));
    return Promise.resolve({ missing });
  },
  'slice:put': (put) => {
    ports.slices.put(acceptSlice(ports.series.get(put.seriesUid), put));
    return Promise.resolve(null);
  },
});
