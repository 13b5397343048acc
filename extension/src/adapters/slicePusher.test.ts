import { planeKeyOf, type Plane, type Request, type RequestName, type SeriesFrame } from '@ohif-medsam/protocol';
import { describe, expect, it } from 'vitest';
import type { Server } from '../session/ports.ts';
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

/** A pusher beside a server that keeps what it is sent, or forgets it; `sent` are the planes in the order of their coming. */
function pushing() {
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
  const pusher = createSlicePusher(server, (plane) =>
    Promise.resolve({
      columns: 1,
      rows: 1,
      components: 1,
      type: 'uint8',
      pixels: new TextEncoder().encode(planeKeyOf(plane)),
    }),
  );
  pusher.open(SERIES, FRAMES);
  /** All that is under way is a chain of promises that are kept already. */
  const idle = () => new Promise((resolve) => setTimeout(resolve));
  return { pusher, sent, kept, idle };
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
    await pusher.ensure({ axis: 'i', index: 50 });
    kept.clear();
    pusher.want({ seriesUid: SERIES, planes: across(50) });
    await idle();
    expect(sent).toEqual(['i:50', 'i:50']);
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
});
