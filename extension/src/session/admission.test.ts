import type { Segment, SeriesOpened } from '@ohif-medsam/protocol';
import { describe, expect, it } from 'vitest';
import { createAdmission } from './admission.ts';
import { TISSUE } from './newSegment.ts';
import { createStore } from './store.ts';

const segment = (id: string, number: number): Segment => ({
  id,
  number,
  label: id,
  color: [1, 2, 3],
  coding: TISSUE,
  tracking: { id, uid: `2.25.${String(number)}` },
  algorithm: { type: 'MANUAL' },
  review: { status: 'draft' },
});

const opened = (segments: readonly Segment[]): SeriesOpened => ({
  frames: ['1.2.3/1'],
  document: {
    seriesUid: '1.9',
    revision: 1,
    segments,
    cells: [],
    prompts: [],
    provenance: [],
    saved: null,
    history: {},
  },
  participants: [],
  pixels: 'push',
  models: [],
  defaultModelId: 'm',
  propagations: [],
  interrupted: [],
});

describe('what can be asked of a model', () => {
  it('[AD1] no box of a segment that went while it was drawn: another one would get it', () => {
    const store = createStore();
    const told: string[] = [];
    const notices = { error: () => undefined, info: (title: string) => void told.push(title) };
    const { mayPrompt } = createAdmission({ store, notices });
    const frames = [{ sopInstanceUid: '1.2.3', sopClassUid: '1.2', frameNumber: 1, rows: 4, columns: 5 }];
    store.dispatch({ kind: 'series-shown', series: { studyUid: '1.1', seriesUid: '1.9', modality: 'CT', frames } });
    store.dispatch({ kind: 'series-opened', opened: opened([segment('liver', 1), segment('lesion', 2)]) });
    expect([mayPrompt('lesion'), told]).toEqual([true, []]);
    store.dispatch({ kind: 'series-opened', opened: opened([segment('liver', 1)]) });
    expect([mayPrompt('lesion'), told]).toEqual([false, ['Box not taken over']]);
    expect([mayPrompt('liver'), mayPrompt(null)]).toEqual([true, true]);
  });
});
