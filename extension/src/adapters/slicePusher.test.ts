import { planeKeyOf, type Plane, type Request, type RequestName, type SeriesFrame } from '@ohif-medsam/protocol';
import { describe, expect, it, vi } from 'vitest';
import { RequestError, type Server } from '../session/ports.ts';
import { createSlicePusher } from './slicePusher.ts';

const SERIES = '1.9';
const FRAMES: SeriesFrame[] = Array.from({ length: 4 }, (_, n) => ({
  sopInstanceUid: `1.${String(n + 1)}`,
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  frameNumber: 1,
  rows: 40,
  columns: 100,
}));
const across = (...indices: number[]): Plane[] => indices.map((index) => ({ axis: 'i', index }));

/** Each plane of each series has pixels of its own. */
const readOf = (series: string) => (plane: Plane) =>
  Promise.resolve({
    columns: 1,
    rows: 1,
    components: 1,
    type: 'uint8',
    pixels: new TextEncoder().encode(`${series} ${planeKeyOf(plane)}`),
  } as const);

/** A pusher beside a server that keeps what it is sent, or forgets it; `sent` are the planes in the order of their coming. */
function pushing(prefetchShare = 1, pixels: 'push' | 'pull' = 'push') {
  const refusals: string[] = [];
  const sent: string[] = [];
  const kept = new Set<string>();
  const server = {
    request: (name: RequestName, message: unknown) => {
      if (name === 'slice:have') {
        const [{ hash } = { hash: '' }] = (message as Request<'slice:have'>).slices;
        return Promise.resolve({ missing: kept.has(hash) ? [] : [0] });
      }
      const { plane, hash } = message as Request<'slice:put'>;
      sent.push(planeKeyOf(plane));
      kept.add(hash);
      return Promise.resolve(null);
    },
  } as unknown as Server;
  const known: (number | null)[] = [];
  const pusher = createSlicePusher({
    server,
    onRefused: ({ message }) => refusals.push(message),
    onKnown: (frames) => known.push(frames),
    prefetchShare,
  });
  pusher.open(SERIES, FRAMES, pixels, readOf(SERIES));
  /** Until nothing is sent any more. */
  const idle = async () => {
    for (let before = -1; before < sent.length;) {
      before = sent.length;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return { pusher, sent, kept, known, refusals, idle };
}

describe('the slices that the server wants', () => {
  it('[PU1] all come, each once, when two walks of a propagation ask in turns', async () => {
    const { pusher, sent, idle } = pushing();
    const [up, down] = [across(51, 52, 53, 54, 55), across(49, 48, 47, 46, 45)];
    pusher.want({ seriesUid: SERIES, planes: up });
    pusher.want({ seriesUid: SERIES, planes: down });
    pusher.want({ seriesUid: SERIES, planes: across(56, 53) });
    await idle();
    expect([...sent].sort()).toEqual([...up, ...down, ...across(56)].map(planeKeyOf).sort());
  });

  it('[PU2] come again if the server has lost them since', async () => {
    const { pusher, sent, kept, idle } = pushing();
    await pusher.using({ axis: 'i', index: 50 }, () => Promise.resolve());
    kept.clear();
    pusher.want({ seriesUid: SERIES, planes: across(50) });
    await idle();
    expect(sent).toEqual(['i:50', 'i:50']);
  });

  it('[PU11] come also of a series that was left, and of none that was never open', async () => {
    const { pusher, sent, idle } = pushing();
    await pusher.using(across(50)[0] as Plane, () => Promise.resolve());
    pusher.want({ seriesUid: SERIES, planes: across(51, 52, 53) });
    pusher.open('1.8', FRAMES, 'push', readOf('1.8'));
    pusher.want({ seriesUid: SERIES, planes: across(53, 54) });
    pusher.want({ seriesUid: '1.8', planes: across(54) });
    pusher.want({ seriesUid: '1.7', planes: across(55) });
    await idle();
    expect(sent.sort()).toEqual([...across(50, 51, 52, 53, 54).map(planeKeyOf), 'i:54']);
  });

  it('[PU12] come also of a display of the same series that was left', async () => {
    const { pusher, sent, idle } = pushing();
    const other = { ...FRAMES[0], sopInstanceUid: '1.9' } as SeriesFrame;
    const readOther = (plane: Plane) =>
      plane.axis === 'k' && plane.frame === '1.9/1' ? readOf(SERIES)(plane) : Promise.reject(new Error('not here'));
    pusher.want({ seriesUid: SERIES, planes: [{ axis: 'k', frame: '1.2/1' }] });
    pusher.open(SERIES, [other], 'push', readOther);
    pusher.want({ seriesUid: SERIES, planes: ['1.3/1', '1.9/1'].map((frame) => ({ axis: 'k', frame })) });
    await idle();
    expect(sent.sort()).toEqual(['k:1.2/1', 'k:1.3/1', 'k:1.9/1']);
  });

  it('[PU3] go before the neighbours of the visible one', async () => {
    const { pusher, sent, idle } = pushing();
    pusher.look({ axis: 'k', frame: '1.1/1' });
    pusher.want({ seriesUid: SERIES, planes: across(7, 8) });
    await idle();
    expect(sent.indexOf('i:8')).toBeLessThan(sent.indexOf('k:1.4/1'));
    expect(sent).toHaveLength(FRAMES.length + 2);
  });
});

describe('what the server is known to have', () => {
  it('[PU10] is counted in frames, whoever brought them, and anew after a reconnection', async () => {
    const { pusher, sent, known, idle } = pushing();
    await pusher.using({ axis: 'i', index: 50 }, () => Promise.resolve());
    pusher.look({ axis: 'k', frame: '1.2/1' });
    await vi.waitFor(() => expect(known.at(-1)).toBe(FRAMES.length));
    const before = sent.length;
    pusher.open(SERIES, FRAMES, 'push', readOf(SERIES));
    expect(known.at(-1)).toBe(0);
    pusher.look({ axis: 'k', frame: '1.2/1' });
    await idle();
    expect([known.at(-1), sent.length]).toEqual([FRAMES.length, before]);
  });
});

describe('the slices around the visible one', () => {
  it('[PU4] of a reformat are the nearest reformats, within the image', async () => {
    const { pusher, sent, idle } = pushing();
    pusher.look({ axis: 'i', index: 98 });
    await idle();
    expect(sent.slice(0, 3)).toEqual(['i:98', 'i:99', 'i:97']);
    expect(sent).toContain('i:90');
    expect(sent.length).toBeLessThan(30);
    expect(sent.filter((key) => Number(key.slice(2)) >= 100)).toEqual([]);
  });

  it('[PU5] come first where one scrolls to', async () => {
    const { pusher, sent } = pushing();
    for (const index of [52, 51, 50]) pusher.look({ axis: 'i', index });
    await vi.waitFor(() => expect(sent).toContain('i:54'));
    const place = (index: number) => sent.indexOf(`i:${String(index)}`);
    expect(place(50)).toBeLessThan(place(49));
    expect(place(46)).toBeLessThan(place(54));
  });

  it('[PU6] wait while somebody waits for an answer, and a moment longer; the visible one does not', async () => {
    const { pusher, sent, idle } = pushing();
    let answer = () => {};
    const asked = pusher.using({ axis: 'i', index: 3 }, () => new Promise<void>((resolve) => (answer = resolve)));
    await idle();
    pusher.look({ axis: 'k', frame: '1.2/1' });
    await idle();
    expect(sent).toEqual(['i:3', 'k:1.2/1']);
    answer();
    await asked;
    await idle();
    expect(sent).toHaveLength(2);
    await vi.waitFor(() => expect(sent).toHaveLength(1 + FRAMES.length));
  });

  it('[PU7] leave the link alone for most of the time if they are to have little of it', async () => {
    const { pusher, sent, idle } = pushing(1e-6);
    pusher.look({ axis: 'k', frame: '1.2/1' });
    pusher.want({ seriesUid: SERIES, planes: across(7, 8) });
    await idle();
    expect(sent[0]).toBe('k:1.2/1');
    expect(sent).toEqual(expect.arrayContaining(['i:7', 'i:8']));
    // One that began at once, and none after it.
    expect(sent).toHaveLength(3 + 1);
  });
});

describe('a request about a slice', () => {
  const lost = new RequestError({ code: 'slice-missing', message: '', remedy: '' });
  const plane = { axis: 'i', index: 50 } as const;

  it('[PU8] is made again, once, when the server has lost the pixels', async () => {
    const { pusher, sent, kept } = pushing();
    let tries = 0;
    const answer = pusher.using(plane, (hash) => {
      kept.clear();
      return ++tries === 1 ? Promise.reject(lost) : Promise.resolve(hash);
    });
    expect(await answer).toMatch(/^[0-9a-f]{64}$/);
    expect([tries, sent]).toEqual([2, ['i:50', 'i:50']]);
    await expect(pusher.using(plane, () => Promise.reject(lost))).rejects.toBe(lost);
  });

  it('[PU9] needs no pixels where the server reads them itself, until it cannot', async () => {
    const { pusher, sent, refusals, idle } = pushing(1, 'pull');
    pusher.look({ axis: 'k', frame: '1.2/1' });
    const named = () => pusher.using(plane, (hash) => Promise.resolve(hash));
    expect(await named()).toBeUndefined();
    await idle();
    expect(sent).toEqual([]);
    const answer = pusher.using(plane, (hash) => (hash === undefined ? Promise.reject(lost) : Promise.resolve(hash)));
    expect(await answer).toMatch(/^[0-9a-f]{64}$/);
    expect(await named()).toBe(await answer);
    expect([sent, refusals]).toEqual([['i:50'], [lost.message]]);
  });
});
