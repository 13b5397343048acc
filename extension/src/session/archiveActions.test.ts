import { ERRORS } from '@ohif-medsam/protocol';
import { describe, expect, it } from 'vitest';
import { createArchiveActions } from './archiveActions.ts';
import { RequestError, type Server } from './ports.ts';
import { createStore } from './store.ts';

const STORED = {
  segSeriesUid: '1.7',
  sopInstanceUid: '1.7.1',
  description: '',
  instanceNumber: 1,
  at: '',
  segments: 1,
};

/** A session whose server does not answer before it is told to; `told` is what went to the user. */
function waitingSession() {
  const asked: { name: string; answer: (value: unknown) => void; refuse: (error: unknown) => void }[] = [];
  const told: string[] = [];
  const store = createStore();
  const request = (name: string) => new Promise((answer, refuse) => void asked.push({ name, answer, refuse }));
  const notices = {
    error: (title: string) => void told.push(title),
    info: (title: string, message: string) => void told.push(`${title}: ${message}`),
  };
  const actions = createArchiveActions({
    store,
    server: { request } as unknown as Server,
    notices,
    paintTaken: () => Promise.resolve(),
  });
  return { actions, store, asked, told };
}

describe('what a user can do with the archive', () => {
  it('[AA1] a stored segmentation is opened once, however often one presses, and again only after its answer', async () => {
    const { actions, store, asked, told } = waitingSession();
    const opening = [actions.openStored(STORED), actions.openStored(STORED)];
    expect([asked.map(({ name }) => name), store.getState().opening]).toEqual([['segmentation:open'], '1.7.1']);
    const [, message, remedy] = ERRORS['archive-timeout'];
    asked[0]?.refuse(new RequestError({ code: 'archive-timeout', message, remedy }));
    await Promise.all(opening);
    expect([store.getState().opening, told]).toEqual([null, ['Segmentation not opened']]);
    void actions.openStored(STORED);
    expect(asked).toHaveLength(2);
  });

  it('[AA2] the end of a save is told also where another series is in view', async () => {
    const { actions, store, asked, told } = waitingSession();
    const series = { studyUid: '1.1', seriesUid: '1.9', modality: 'CT', frames: [] };
    store.dispatch({ kind: 'series-shown', series });
    const saving = [actions.save('a'), actions.save('a')];
    await new Promise((resolve) => setTimeout(resolve));
    asked[0]?.answer({ instanceNumber: 2 });
    await saving[0];
    expect([store.getState().saving.kind, told]).toEqual(['saved', []]);
    store.dispatch({ kind: 'series-shown', series: { ...series, seriesUid: '1.8' } });
    asked[1]?.answer({ instanceNumber: 2 });
    await saving[1];
    expect(told).toEqual(['Segmentation saved: In the series that you left: instance 2.']);
  });
});
