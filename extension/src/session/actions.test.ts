import { ERRORS, type ErrorCode, type Plane, type RequestName } from '@ohif-medsam/protocol';
import { describe, expect, it } from 'vitest';
import { createActions } from './actions.ts';
import { RequestError, type Server } from './ports.ts';
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
  const lost: string[] = [];
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
    slices: { ensure: () => Promise.resolve('hash'), forget: (hash) => lost.push(hash) },
    notices: {
      error: (_, { message, remedy }) => told.push(`${message} ${remedy}`),
      info: (title) => told.push(title),
    },
    newId: () => 'id',
    takePaint: () => asked.push({ name: 'document:apply', message: 'paint' }),
  });
  const names = () => asked.map(({ name }) => name);
  return { actions, store, asked, names, told, lost };
}

const found = { pixels: 9, window: null };

describe('what a user can do', () => {
  it('[AC1] the first box of a series makes a segment for itself', async () => {
    const { actions, names, store } = sessionWith((name) => Promise.resolve(name === 'prompt:segment' ? found : {}));
    await actions.segmentBox('p', PLANE, BOX);
    expect(names()).toEqual(['document:apply', 'prompt:segment']);
    expect(store.getState()).toMatchObject({ activeSegmentId: 'id', answer: found });
  });

  it('[AC2] pixels that the server lost are pushed again, once', async () => {
    let tries = 0;
    const lossy = sessionWith((name) => {
      if (name !== 'prompt:segment') return Promise.resolve({});
      return ++tries === 1 ? Promise.reject(refusal('slice-missing')) : Promise.resolve(found);
    });
    await lossy.actions.segmentBox('p', PLANE, BOX);
    expect([lossy.lost, lossy.told, tries]).toEqual([['hash'], [], 2]);

    const hopeless = sessionWith((name) =>
      name === 'prompt:segment' ? Promise.reject(refusal('slice-missing')) : Promise.resolve({}),
    );
    await hopeless.actions.segmentBox('p', PLANE, BOX);
    expect(hopeless.told).toEqual([ERRORS['slice-missing'].slice(1).join(' ')]);
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

  it('[AC5] what was painted a moment ago goes before undo, redo, save and propagation', async () => {
    const { actions, asked } = sessionWith(() => Promise.resolve([]));
    await actions.undo();
    await actions.redo();
    await actions.save('a');
    await actions.propagate('s', PLANE, 'both', undefined);
    const steps = ['document:undo', 'document:redo', 'segmentation:save', 'propagation:start'];
    for (const step of steps) {
      const at = asked.findIndex(({ name }) => name === step);
      expect(asked[at - 1]?.message, step).toBe('paint');
    }
  });

  it('[AC6] a save that failed says so and can be repeated', async () => {
    let tries = 0;
    const { actions, store } = sessionWith((name) => {
      if (name !== 'segmentation:save') return Promise.resolve([]);
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
});
