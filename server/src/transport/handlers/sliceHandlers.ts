import type { SliceStore } from '../../ports/sliceStore.ts';
import { acceptSlice, fits } from '../../series/acceptSlice.ts';
import { inflateSlice } from '../../series/inflateSlice.ts';
import type { SeriesRegistry } from '../../series/seriesRegistry.ts';
import type { Connection } from '../gateway.ts';
import type { Handlers } from '../endpoint.ts';
import { Turns } from '../turns.ts';

export const sliceHandlers = (ports: {
  series: SeriesRegistry;
  slices: SliceStore;
}): Handlers<Connection, 'slice:have' | 'slice:put'> => {
  // A kilobyte may inflate to a megabyte: one of a page at a time.
  const turns = new Turns();
  return {
    'slice:have': ({ seriesUid, slices }) => {
      const missing = slices.flatMap(({ plane, hash }, at) => {
        const slice = ports.slices.get(seriesUid, plane, hash);
        return slice && fits(ports.series.around(seriesUid, plane), slice) ? [] : [at];
      });
      return Promise.resolve({ missing });
    },
    'slice:put': async (put, { id }) => {
      const raw = put.encoding === 'raw' ? put : await turns.take(id, async () => inflateSlice(put));
      ports.slices.put(acceptSlice(ports.series.around(put.seriesUid, put.plane), raw));
      return null;
    },
  };
};
