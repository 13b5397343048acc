import type { StoredSegmentation } from '@ohif-medsam/protocol';
import { problemOf, type Notices, type Server } from './ports.ts';
import type { Saving } from './state.ts';
import type { Store } from './store.ts';
import { createTelling } from './telling.ts';

interface Ports {
  readonly store: Store;
  readonly server: Pick<Server, 'request'>;
  readonly notices: Notices;
  /** What was painted until now is in the document. */
  readonly paintTaken: () => Promise<void>;
}

/** What a user can do with the archive: save there, see what it has of the series, and open that. */
export function createArchiveActions({ store, server, notices, paintTaken }: Ports) {
  const seriesUid = () => store.getState().series?.seriesUid ?? '';
  const telling = createTelling(notices);

  async function refreshStored(): Promise<void> {
    const series = seriesUid();
    const answer = await telling('Archive not readable', () =>
      server.request('segmentation:list', { seriesUid: series }),
    );
    if (answer && series === seriesUid()) store.dispatch({ kind: 'stored', ...answer });
  }

  async function save(description: string): Promise<void> {
    const series = seriesUid();
    const say = (saving: Saving) => {
      if (series === seriesUid()) store.dispatch({ kind: 'saving', saving });
    };
    say({ kind: 'saving' });
    try {
      await paintTaken();
      const answer = await server.request('segmentation:save', { seriesUid: series, description });
      say({ kind: 'saved', answer });
      if (series !== seriesUid())
        notices.info('Segmentation saved', `In the series that you left: instance ${String(answer.instanceNumber)}.`);
    } catch (error) {
      const problem = problemOf(error);
      say({ kind: 'failed', problem });
      notices.error('Segmentation not saved', problem);
    }
  }

  /** One at a time: each that is opened takes the place of what is there. */
  async function openStored({ segSeriesUid, sopInstanceUid }: StoredSegmentation): Promise<void> {
    if (store.getState().opening !== null) return;
    const series = seriesUid();
    store.dispatch({ kind: 'opening', sopInstanceUid });
    await telling('Segmentation not opened', () =>
      server.request('segmentation:open', { seriesUid: series, segSeriesUid, sopInstanceUid }),
    );
    if (series === seriesUid()) store.dispatch({ kind: 'opening', sopInstanceUid: null });
  }

  return { refreshStored, save, openStored };
}
