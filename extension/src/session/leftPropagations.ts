import type { PropagationEnded } from '@ohif-medsam/protocol';
import { outcomeOf } from './outcome.ts';
import type { Notices } from './ports.ts';
import type { Store } from './store.ts';

/**
 * A propagation goes on when one goes to another series. Its end is told where one is then: back there, nothing would say why it ended
 * where it did.
 */
export function createLeftPropagations(store: Store, notices: Pick<Notices, 'info'>) {
  /** Of all segments that were seen, as a series that was left is no longer in the state. */
  const labels = new Map<string, string>();
  store.subscribe(({ document }, before) => {
    if (document !== before.document) for (const { id, label } of document?.segments ?? []) labels.set(id, label);
  });
  return (ended: PropagationEnded): void => {
    if (ended.seriesUid === store.getState().series?.seriesUid) return;
    const label = labels.get(ended.segmentId);
    // Of a series that another page of this person left.
    if (label === undefined) return;
    notices.info(`Propagation of “${label}” ended`, `In the series that you left: ${outcomeOf(ended)}`);
  };
}
