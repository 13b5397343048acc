import type { Points, PromptAnswer } from '@ohif-medsam/protocol';
import { describe, expect, it } from 'vitest';
import { createBoxActions } from './boxActions.ts';
import { createStore } from './store.ts';

const plane = { axis: 'k', frame: '1.2.3/1' } as const;
const BOX = [10, 10, 20, 30] as const;
const model = { id: 'm', title: 'M', version: '1', device: 'CPU', sha256: 'a'.repeat(64), licence: 'CC-BY-4.0' };

/** Somebody with a box that waits for its mask; `asked` and `told` are what went to the server and to the user. */
function withBox({
  takesPoints = true,
  missedPoints = 0,
  points,
}: Partial<PromptAnswer> & { takesPoints?: boolean; points?: Points }) {
  const asked: unknown[] = [];
  const told: string[] = [];
  const store = createStore();
  store.dispatch({
    kind: 'models-changed',
    changed: { models: [{ ...model, takesPoints }], defaultModelId: 'm' },
  });
  const placed = { plane, box: BOX, ...(points && { points }) };
  store.dispatch({ kind: 'prompt-sent', promptId: 'p', placed });
  const actions = createBoxActions({
    store,
    server: {
      request: (_: unknown, message: unknown) => {
        asked.push(message);
        return Promise.resolve({ pixels: 9, missedPoints });
      },
    } as never,
    slices: { using: (_, request) => request('hash') },
    notices: { error: (title) => told.push(title), info: (title) => told.push(title) },
    apply: () => Promise.resolve(undefined),
    reveal: () => undefined,
    firstSegment: () => Promise.resolve('s'),
  });
  return { actions, asked, told };
}

describe('a click with a tool for points', () => {
  it('[CM1] asks about the box again under its id, with all its points', async () => {
    const { actions, asked, told } = withBox({ points: { inside: [[12, 12]], outside: [] } });
    await actions.correctMask(plane, [14, 14], 'outside');
    const points = { inside: [[12, 12]], outside: [[14, 14]] };
    expect(asked).toEqual([expect.objectContaining({ promptId: 'p', segmentId: 's', plane, box: BOX, points })]);
    expect(told).toEqual([]);
  });

  it('[CM2] says what is missing where there is no box, or the model takes boxes only, and asks nothing', async () => {
    const [here, boxesOnly] = [withBox({}), withBox({ takesPoints: false })];
    await here.actions.correctMask({ axis: 'i', index: 3 }, [14, 14], 'inside');
    await boxesOnly.actions.correctMask(plane, [14, 14], 'inside');
    expect([here.told, boxesOnly.told]).toEqual([['No box here'], ['M takes boxes only']]);
    expect([here.asked, boxesOnly.asked]).toEqual([[], []]);
  });

  it('[CM3] on the same pixel again asks nothing; nor does one more than a box may have, which is told', async () => {
    const full = { inside: Array.from({ length: 32 }, (_, n) => [10, n] as const), outside: [] };
    const { actions, asked, told } = withBox({ points: full });
    await actions.correctMask(plane, [10, 3], 'inside');
    expect(told).toEqual([]);
    await actions.correctMask(plane, [11, 3], 'inside');
    expect([asked, told]).toEqual([[], ['Too many clicks']]);
  });

  it('[CM4] that the model does not follow is told', async () => {
    const { actions, told } = withBox({ missedPoints: 1 });
    await actions.correctMask(plane, [14, 14], 'inside');
    expect(told).toEqual(['Not as you clicked']);
  });
});
