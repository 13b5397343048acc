import { expect, it, vi } from 'vitest';
import type { Documents } from '../../segmentation/index.ts';
import type { SeriesRegistry } from '../../series/seriesRegistry.ts';
import type { Connection } from '../gateway.ts';
import { segmentationHandlers, type SegmentationPorts } from './segmentationHandlers.ts';

const SERIES = '1.2';
const name = { seriesUid: SERIES, segSeriesUid: '1.3', sopInstanceUid: '1.3.1' };

it('an opening ends with its page, also one that waits for another, and its document stays meanwhile', async () => {
  let held = 0;
  const documents: Pick<Documents, 'hold'> = {
    hold: (_, work) => {
      held++;
      return work().finally(() => held--);
    },
  };
  const open = vi.fn<SegmentationPorts['open']>(
    (_series, _name, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('ended')))),
  );
  const handlers = segmentationHandlers({
    series: { get: () => ({ studyUid: '1', seriesUid: SERIES }) } as unknown as SeriesRegistry,
    documents: documents as Documents,
    save: () => Promise.reject(new Error('not asked')),
    open,
    list: () => Promise.resolve({ stored: [], unreadableSeries: 0 }),
  });
  const [one, other] = [new AbortController(), new AbortController()];
  const opening = [one, other].map(({ signal }) =>
    handlers['segmentation:open'](name, { participant: { id: 'a', name: 'Ada' }, gone: signal } as Connection),
  );
  const ends = Promise.allSettled(opening);
  expect(held).toBe(2);
  other.abort();
  await new Promise((resolve) => setImmediate(resolve));
  one.abort();
  expect(await ends).toMatchObject([{ reason: { message: 'ended' } }, { reason: { code: 'cancelled' } }]);
  expect(open).toHaveBeenCalledTimes(1);
  expect(held).toBe(0);
});
