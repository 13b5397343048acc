import {
  ERRORS,
  type ErrorCode,
  type Plane,
  type RequestName,
  type SeriesOpen,
  type SeriesOpened,
} from '@ohif-medsam/protocol';
import { describe, expect, it } from 'vitest';
import { createActions } from './actions.ts';
import { RequestError, type Server } from './ports.ts';
import { createStepOrder } from './stepOrder.ts';
import { createStore } from './store.ts';

const PLANE: Plane = { axis: 'k', frame: '1.2.3/1' };
const BOX = [1, 1, 9, 9] as const;

function refusal(code: ErrorCode): RequestError {
  const [, message, remedy] = ERRORS[code];
  return new RequestError({ code, message, remedy });
}

/** A session whose server answers as `answer` says; `asked` and `told` are what went to the server and to the user. */
function sessionWith(answer: (name: RequestName, message: never) => Promise<unknown>) {
  const asked: { name: RequestName; message: unknown }[] = [];
  const told: string[] = [];
  const shown: Plane[] = [];
  const store = createStore();
  const server = {
    request: (name: RequestName, message: never) => {
      asked.push({ name, message });
      return answer(name, message);
    },
  } as unknown as Server;
  const actions = createActions({
    store,
    server,
    slices: { using: (_, request) => request('hash') },
    notices: {
      error: (_, { message, remedy }) => told.push(`${message} ${remedy}`),
      info: (title) => told.push(title),
    },
    newId: () => 'id',
    takePaint: () => asked.push({ name: 'document:apply', message: 'paint' }),
    isDocuments: createStepOrder(store, { newest: () => undefined, can: () => false }),
    takeBrush: () => undefined,
    show: (plane) => shown.push(plane),
  });
  const names = () => asked.map(({ name }) => name);
  return { actions, store, asked, names, told, shown };
}

const SERIES: SeriesOpen = {
  studyUid: '1.1',
  seriesUid: '1.9',
  modality: 'CT',
  frames: [{ sopInstanceUid: '1.2.3', sopClassUid: '1.2', frameNumber: 1, rows: 4, columns: 5 }],
};
const opened = (history: SeriesOpened['document']['history']): SeriesOpened => ({
  frames: ['1.2.3/1'],
  document: {
    seriesUid: SERIES.seriesUid,
    revision: 1,
    segments: [],
    cells: [],
    prompts: [],
    provenance: [],
    saved: null,
    history,
  },
  participants: [],
  pixels: 'push',
  models: [],
  defaultModelId: 'm',
  propagations: [],
  interrupted: [],
});
/** Until all that can go on without an answer has done so. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

const found = { pixels: 9, window: null };

describe('what a user can do', () => {
  it('[AC0] somebody else’s model is used only after its terms were accepted', async () => {
    const { actions, store, names, told } = sessionWith(() => Promise.resolve({}));
    const facts = { version: '1', device: 'CPU', sha256: 'a'.repeat(64), takesPoints: true, licence: 'CC-BY-4.0' };
    const model = { id: 'lite', title: 'LiteMedSAM', ...facts };
    store.dispatch({ kind: 'models-changed', changed: { models: [model], defaultModelId: 'lite' } });
    expect(actions.mayUseModel()).toBe(false);
    await actions.propagate('s', PLANE, 'both', {});
    expect([names(), told]).toEqual([[], ['Terms of LiteMedSAM', 'Terms of LiteMedSAM']]);
    actions.acceptTerms(model);
    expect(actions.mayUseModel()).toBe(true);
    await actions.propagate('s', PLANE, 'both', {});
    expect(names()).toContain('propagation:start');
  });

  it('[AC1] the first box of a series makes a segment for itself', async () => {
    const { actions, names, store } = sessionWith((name) => Promise.resolve(name === 'prompt:segment' ? found : {}));
    await actions.segmentBox('p', PLANE, BOX);
    expect(names()).toEqual(['document:apply', 'prompt:segment']);
    expect(store.getState()).toMatchObject({ activeSegmentId: 'id', answer: found });
  });

  it('[AC2] pixels that the server cannot keep are told of', async () => {
    const { actions, told } = sessionWith((name) =>
      name === 'prompt:segment' ? Promise.reject(refusal('slice-missing')) : Promise.resolve({}),
    );
    await actions.segmentBox('p', PLANE, BOX);
    expect(told).toEqual([ERRORS['slice-missing'].slice(1).join(' ')]);
  });

  it('[AC3] an error is told with what to do, and the box waits no longer', async () => {
    const { actions, store, told } = sessionWith((name) =>
      name === 'prompt:segment' ? Promise.reject(refusal('engine-busy')) : Promise.resolve({}),
    );
    await actions.segmentBox('p', PLANE, BOX);
    expect(told).toEqual([ERRORS['engine-busy'].slice(1).join(' ')]);
    expect(store.getState().waiting.size).toBe(0);
  });

  it('[AC4] a box that is moved while it waits goes on waiting for the newer answer, and nothing is told', async () => {
    const pending: { answer: (value: unknown) => void; refuse: (error: unknown) => void }[] = [];
    const { actions, store, told } = sessionWith((name) =>
      name === 'prompt:segment'
        ? new Promise((answer, refuse) => void pending.push({ answer, refuse }))
        : Promise.resolve({}),
    );
    store.dispatch({ kind: 'segment-activated', segmentId: 's' });
    const first = actions.segmentBox('p', PLANE, BOX);
    await Promise.resolve();
    const second = actions.segmentBox('p', PLANE, BOX);
    await new Promise((resolve) => setTimeout(resolve));
    pending[0]?.refuse(refusal('superseded'));
    await first;
    expect(store.getState().waiting.has('p')).toBe(true);
    pending[1]?.answer(found);
    await second;
    expect([store.getState().waiting.size, told]).toEqual([0, []]);
  });

  it('[AC14] a new box that is deleted while it waits is gone at once, and from the document once it is there', async () => {
    let answer: (value: unknown) => void = () => undefined;
    const { actions, asked, store } = sessionWith((name) =>
      name === 'prompt:segment' ? new Promise((resolve) => void (answer = resolve)) : Promise.resolve({}),
    );
    store.dispatch({ kind: 'segment-activated', segmentId: 's' });
    const drawn = actions.segmentBox('p', PLANE, BOX);
    const deleted = actions.deletePrompt('p');
    expect(store.getState().waiting.size).toBe(0);
    await settled();
    expect(asked.map(({ name }) => name)).toEqual(['prompt:segment']);
    answer(found);
    await Promise.all([drawn, deleted]);
    expect(store.getState().answer).toBeNull();
    expect(asked.at(-1)).toMatchObject({
      name: 'document:apply',
      message: { operation: { kind: 'prompt:delete', promptId: 'p' } },
    });
  });

  it('[AC15] boxes that come at once make one segment, and none before the series is open', async () => {
    const { actions, names, store, told } = sessionWith((name) =>
      Promise.resolve(name === 'prompt:segment' ? found : {}),
    );
    store.dispatch({ kind: 'series-shown', series: SERIES });
    expect([actions.mayPrompt(null), told]).toEqual([false, ['Not yet']]);
    store.dispatch({ kind: 'series-opened', opened: opened({}) });
    expect(actions.mayPrompt(null)).toBe(true);
    await Promise.all([actions.segmentBox('p', PLANE, BOX), actions.segmentBox('q', PLANE, BOX)]);
    expect(names().filter((name) => name === 'document:apply')).toHaveLength(1);
  });

  it('[AC16] what is asked of a series stays with it when another one is shown', async () => {
    let answer: (value: unknown) => void = () => undefined;
    const { actions, asked, store } = sessionWith((name) =>
      name === 'prompt:segment' ? new Promise((resolve) => void (answer = resolve)) : Promise.resolve({}),
    );
    store.dispatch({ kind: 'series-shown', series: SERIES });
    store.dispatch({ kind: 'segment-activated', segmentId: 's' });
    const drawn = actions.segmentBox('p', PLANE, BOX);
    const deleted = actions.deletePrompt('p');
    await settled();
    store.dispatch({ kind: 'series-shown', series: { ...SERIES, seriesUid: '1.10' } });
    answer(found);
    await Promise.all([drawn, deleted]);
    expect(asked.at(-1)?.message).toMatchObject({ seriesUid: '1.9', operation: { kind: 'prompt:delete' } });
  });

  it('[AC5] what was painted a moment ago goes before undo, redo, save and propagation', async () => {
    const { actions, asked } = sessionWith(() => Promise.resolve([]));
    await actions.undo();
    await actions.redo();
    await actions.save('a');
    await actions.propagate('s', PLANE, 'both', {});
    const steps = ['document:undo', 'document:redo', 'segmentation:save', 'propagation:start'];
    for (const step of steps) {
      const at = asked.findIndex(({ name }) => name === step);
      expect(asked[at - 1]?.message, step).toBe('paint');
    }
  });

  it('[AC6] a save that failed says so and can be repeated', async () => {
    let tries = 0;
    const { actions, store } = sessionWith((name) => {
      if (name !== 'segmentation:save') return Promise.resolve({ stored: [], unreadableSeries: 0 });
      return ++tries === 1 ? Promise.reject(refusal('archive-unreachable')) : Promise.resolve({ instanceNumber: 1 });
    });
    await actions.save('a');
    expect(store.getState().saving).toMatchObject({
      kind: 'failed',
      problem: { remedy: ERRORS['archive-unreachable'][2] },
    });
    await actions.save('a');
    expect(store.getState().saving.kind).toBe('saved');
  });

  it('[AC7] no answer of the server, but a bug of ours, is not passed on to the user', async () => {
    const { actions, told } = sessionWith(() => Promise.reject(new TypeError('x is not a function')));
    await actions.undo();
    expect(told.join()).not.toContain('not a function');
    expect(told).toHaveLength(1);
  });

  it('[AC8] a save and a propagation wait until the stroke before them is in the document', async () => {
    for (const step of ['segmentation:save', 'propagation:start'] as const) {
      let acknowledge: (revision: object) => void = () => undefined;
      const { actions, names } = sessionWith((name) =>
        name === 'document:apply' ? new Promise((answer) => (acknowledge = answer)) : Promise.resolve([]),
      );
      const stroke = actions.paint([{ segmentId: 's', frame: '1.2.3/1', add: [0, 1], remove: [] }]);
      const following =
        step === 'segmentation:save' ? actions.save('a') : actions.propagate('s', PLANE, 'both', { reach: 1 });
      await settled();
      expect(names()).not.toContain(step);
      acknowledge({ revision: 1 });
      expect(await stroke).toBe(true);
      await following;
      expect(names()).toContain(step);
    }
  });

  it('[AC9] the picture of a slice that is no longer in view is not shown', async () => {
    const pending: ((value: unknown) => void)[] = [];
    const { actions, store } = sessionWith(() => new Promise((answer) => void pending.push(answer)));
    const picture = (columns: number) => ({ columns, rows: 1, components: 1, pixels: new Uint8Array(1), window: null });
    store.dispatch({ kind: 'series-shown', series: SERIES });
    store.dispatch({ kind: 'plane-shown', plane: PLANE });
    const first = actions.look(16);
    await settled();
    store.dispatch({ kind: 'plane-shown', plane: { axis: 'k', frame: '1.2.4/1' } });
    const second = actions.look(16);
    await settled();
    pending[1]?.(picture(2));
    await second;
    pending[0]?.(picture(1));
    await first;
    expect(store.getState().modelView?.columns).toBe(2);
  });

  it('[AC10] what was asked of a series that has been left is not shown at the next', async () => {
    const pending: ((value: unknown) => void)[] = [];
    const { actions, store, asked } = sessionWith(() => new Promise((answer) => void pending.push(answer)));
    store.dispatch({ kind: 'series-shown', series: SERIES });
    const [saving, listing] = [actions.save('a'), actions.refreshStored()];
    await settled();
    expect(asked.map(({ message }) => message)).toContainEqual({ seriesUid: SERIES.seriesUid, description: 'a' });
    store.dispatch({ kind: 'series-shown', series: { ...SERIES, seriesUid: '1.8' } });
    for (const answer of pending) answer({ stored: [{ description: 'of the other series' }], unreadableSeries: 1 });
    await Promise.all([saving, listing]);
    expect(store.getState()).toMatchObject({ saving: { kind: 'idle' }, stored: [], unreadableSeries: 0 });
  });

  it('[AC13] goes to the slice that needs a look, once, and says so when there is none', () => {
    const { actions, store, shown, told } = sessionWith(() => Promise.resolve({}));
    const { document, ...rest } = opened({});
    const provenance = [{ segmentId: 's', plane: PLANE, by: 'propagation', score: 0.3 }] as const;
    store.dispatch({ kind: 'series-shown', series: SERIES });
    store.dispatch({ kind: 'series-opened', opened: { ...rest, document: { ...document, provenance } } });
    store.dispatch({ kind: 'segment-activated', segmentId: 's' });
    store.dispatch({ kind: 'plane-shown', plane: PLANE });
    actions.lookAt('next');
    expect([shown, told]).toEqual([[PLANE], []]);
    actions.lookAt('next');
    expect([shown, told]).toEqual([[PLANE], ['Nothing to look at']]);
  });

  it("[AC11] undo is the document's while it is open and holds a step of one's own, and the viewer's otherwise", () => {
    const { actions, store } = sessionWith(() => new Promise(() => undefined));
    const owned = () => [actions.owns('undo'), actions.owns('redo')];
    expect(owned()).toEqual([false, false]);
    store.dispatch({ kind: 'named', me: { id: 'ada', name: 'Ada', color: [1, 2, 3] } });
    store.dispatch({ kind: 'series-shown', series: SERIES });
    store.dispatch({ kind: 'series-opened', opened: opened({ bob: { undo: 1, redo: 1 } }) });
    expect(owned()).toEqual([false, false]);
    store.dispatch({ kind: 'series-opened', opened: opened({ ada: { undo: 1, redo: 0 } }) });
    expect(owned()).toEqual([true, false]);
    // Also while the server is away: instead of a stroke, a measurement of before would be taken back.
    store.dispatch({ kind: 'connection', connection: { kind: 'connecting' } });
    expect(owned()).toEqual([true, false]);
  });

  it("[AC12] undo is the document's while a first stroke is on its way there", () => {
    const { actions, store } = sessionWith(() => new Promise(() => undefined));
    store.dispatch({ kind: 'series-shown', series: SERIES });
    store.dispatch({ kind: 'series-opened', opened: opened({}) });
    void actions.paint([{ segmentId: 's', frame: '1.2.3/1', add: [0, 1], remove: [] }]);
    expect(actions.owns('undo')).toBe(true);
  });

  it.each([
    ['a box on', ({ actions }: ReturnType<typeof sessionWith>) => actions.segmentBox('p', PLANE, BOX)],
    ['a propagation of', ({ actions }: ReturnType<typeof sessionWith>) => actions.propagate('s', PLANE, 'both', {})],
    [
      'painting into',
      ({ actions }: ReturnType<typeof sessionWith>) =>
        actions.paint([{ segmentId: 's', frame: '1.2.3/1', add: [0, 1], remove: [] }]),
    ],
  ])('[AC17] %s a hidden segment shows it', async (_, change) => {
    const session = sessionWith((name) => Promise.resolve(name === 'prompt:segment' ? found : {}));
    session.store.dispatch({ kind: 'segment-activated', segmentId: 's' });
    session.actions.setVisible(['s'], false);
    await change(session);
    expect(session.store.getState().hidden).toEqual(new Set());
  });
});
