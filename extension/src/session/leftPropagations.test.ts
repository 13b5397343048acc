import type { PropagationEnded, Segment, SeriesOpened } from '@ohif-medsam/protocol';
import { expect, it } from 'vitest';
import { createLeftPropagations } from './leftPropagations.ts';
import { createStore } from './store.ts';

const [HERE, THERE] = ['1.8', '1.9'];
const SEGMENT = { id: 's', label: 'Left kidney' } as Segment;

it('[LP1] the end of a propagation in a series that one left is told with its segment and why; in the series in view the panel tells', () => {
  const store = createStore();
  const told: string[] = [];
  const tellEnd = createLeftPropagations(store, { info: (title, message) => told.push(`${title}. ${message}`) });
  const show = (seriesUid: string) =>
    store.dispatch({ kind: 'series-shown', series: { studyUid: '1', seriesUid, modality: 'CT', frames: [] } });
  const document = { seriesUid: THERE, revision: 1, segments: [SEGMENT], cells: [], prompts: [], provenance: [] };
  const opened = { document: { ...document, saved: null, history: {} }, frames: [], participants: [], models: [] };
  const rest = { defaultModelId: 'm', pixels: 'push', propagations: [], interrupted: [] } as const;

  const ended: PropagationEnded = {
    ...{ seriesUid: THERE, propagationId: 'p', segmentId: 's', planes: 12 },
    ...{ forward: 'object-ended', backward: 'slice-missing' },
  };
  // It is another page of the same person that left it.
  show(HERE);
  tellEnd(ended);
  expect(told).toEqual([]);
  show(THERE);
  store.dispatch({ kind: 'series-opened', opened: { ...opened, ...rest } satisfies SeriesOpened });
  tellEnd(ended);
  expect(told).toEqual([]);
  show(HERE);
  tellEnd(ended);
  expect(told).toEqual([
    'Propagation of “Left kidney” ended. In the series that you left: ' +
      '12 slices; One way: the structure ended; the other way: pixels did not arrive.',
  ]);
});
