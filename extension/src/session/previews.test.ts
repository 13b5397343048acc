import type { PreviewAnswer } from '@ohif-medsam/protocol';
import { describe, expect, it } from 'vitest';
import type { Server, Slices } from './ports.ts';
import { createPreviews, type DraggedBox } from './previews.ts';
import { createStore } from './store.ts';

const plane = { axis: 'i', index: 3 } as const;
const boxTo = (x: number, promptId = 'a'): DraggedBox => ({ promptId, plane, box: [0, 0, x, 9] });

/** Previews whose server answers when the test says so. */
function dragging(isNamed = true) {
  const store = createStore();
  if (isNamed) store.dispatch({ kind: 'named', me: { id: 'me', name: 'Ada', color: [1, 2, 3] } });
  const asked: number[] = [];
  const shown: number[] = [];
  let settle: { resolve: (mask: PreviewAnswer) => void; reject: (error: Error) => void } | undefined;
  const server = {
    request: (_: string, { box }: DraggedBox) => {
      asked.push(box[2]);
      return new Promise<PreviewAnswer>((resolve, reject) => (settle = { resolve, reject }));
    },
  } as unknown as Server;
  const slices: Slices = { using: (_, request) => request('hash') };
  const previews = createPreviews({ store, server, slices, show: ({ box }) => shown.push(box[2]) });
  const rest = () => new Promise((resolve) => setTimeout(resolve));
  const end = async (how: 'answer' | 'fail') => {
    if (how === 'answer') settle?.resolve({ runs: [0, 1], columns: 10 });
    else settle?.reject(new Error('superseded'));
    await rest();
  };
  return { previews, asked, shown, rest, end };
}

describe('a box in the hand', () => {
  it('has one question on its way, and the next is about where it is by then', async () => {
    const { previews, asked, shown, rest, end } = dragging();
    for (const x of [1, 2, 3, 4]) previews.dragged(boxTo(x));
    await rest();
    const first = asked[0];
    expect(asked).toHaveLength(1);
    previews.dragged(boxTo(5));
    await end('answer');
    expect(asked).toEqual([first, 5]);
    await end('answer');
    expect(shown).toEqual([first, 5]);
    await rest();
    expect(asked).toHaveLength(2);
  });

  it('is asked about once, however often the pointer moves within a pixel', async () => {
    const { previews, asked, end } = dragging();
    previews.dragged(boxTo(1));
    previews.dragged(boxTo(1));
    await end('answer');
    previews.dragged(boxTo(1));
    await end('answer');
    expect(asked).toEqual([1]);
  });

  it('goes on where an answer fails, and does not ask again by itself', async () => {
    const { previews, asked, shown, rest, end } = dragging();
    previews.dragged(boxTo(1));
    await rest();
    await end('fail');
    expect(asked).toEqual([1]);
    previews.dragged(boxTo(2));
    await rest();
    await end('answer');
    expect(shown).toEqual([2]);
  });

  it('shows nothing once it is let go, nor of the box before', async () => {
    const { previews, shown, rest, end } = dragging();
    previews.dragged(boxTo(1));
    await rest();
    previews.ended();
    await end('answer');
    expect(shown).toEqual([]);
    previews.dragged(boxTo(2, 'b'));
    await rest();
    previews.dragged(boxTo(3, 'c'));
    await end('answer');
    expect(shown).toEqual([]);
    await end('answer');
    expect(shown).toEqual([3]);
  });

  it('of somebody without a name asks nothing', async () => {
    const { previews, asked, rest } = dragging(false);
    previews.dragged(boxTo(1));
    await rest();
    expect(asked).toEqual([]);
  });
});
