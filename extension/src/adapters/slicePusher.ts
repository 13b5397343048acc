import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { frameKeyOf, planeKeyOf, type Plane, type SeriesFrame, type SliceWanted } from '@ohif-medsam/protocol';
import type { Server, Slices } from '../session/ports.ts';
import { aroundFirst } from '../session/pushOrder.ts';
import type { SlicePixels } from './slicePixels.ts';

/** So many reformats each way go ahead of the eye: an axis has as many of them as the image has columns, each as large as a slice. */
const REFORMATS_AHEAD = 12;

/** Slices on their way at once in the background: enough to hide the round trip, few enough that a prompt need not wait. */
const IN_FLIGHT = 2;

export interface SlicePusher extends Slices {
  /** Begins anew with the frames (in geometric order) of another series, or of the same after a reconnection. */
  open(seriesUid: string, frames: readonly SeriesFrame[]): void;
  /** The user looks at this plane: it goes next, then its neighbours by distance. */
  look(plane: Plane): void;
  /** The server needs these now, and has not got them, whatever it had before. */
  want(wanted: SliceWanted): void;
}

/**
 * Brings slices to the server, each once: what it has already, from anybody, is asked by hash and not sent. Three lanes:
 * a prompt's slice at once, slices that a propagation wants next, and the neighbourhood of the visible slice behind.
 *
 * @param read - Reads a plane of the open series.
 */
export function createSlicePusher(server: Server, read: (plane: Plane) => Promise<SlicePixels>): SlicePusher {
  let seriesUid = '';
  let frames: readonly SeriesFrame[] = [];
  let hashes = new Map<string, string>();
  let there = new Set<string>();
  let arriving = new Map<string, Promise<string>>();
  let wanted: Plane[] = [];
  let nearby: Plane[] = [];
  let working = 0;
  let urgent = 0;

  async function bring(plane: Plane, series: string): Promise<string> {
    const known = hashes.get(planeKeyOf(plane));
    if (known !== undefined && there.has(known)) return known;
    const { pixels, ...facts } = await read(plane);
    const hash = bytesToHex(sha256(pixels));
    const { missing } = await server.request('slice:have', { seriesUid: series, slices: [{ plane, hash }] });
    if (missing.length > 0) await server.request('slice:put', { seriesUid: series, plane, hash, ...facts, pixels });
    if (series === seriesUid) {
      hashes.set(planeKeyOf(plane), hash);
      there.add(hash);
    }
    return hash;
  }

  function bringOnce(plane: Plane): Promise<string> {
    const key = planeKeyOf(plane);
    const before = arriving.get(key);
    if (before) return before;
    const here = arriving;
    const bringing = bring(plane, seriesUid).finally(() => here.delete(key));
    arriving.set(key, bringing);
    return bringing;
  }

  const next = (): Plane | undefined => wanted.shift() ?? (urgent > 0 ? undefined : nearby.shift());

  /** Background work: a slice that fails is left out, since whoever needs it asks for it again. */
  async function work(): Promise<void> {
    if (working >= IN_FLIGHT) return;
    const plane = next();
    if (!plane) return;
    working++;
    const bringing = bringOnce(plane).catch(() => undefined);
    void work();
    await bringing;
    working--;
    void work();
  }

  return {
    open: (series, ofSeries) => {
      seriesUid = series;
      frames = ofSeries;
      hashes = new Map();
      there = new Set();
      arriving = new Map();
      wanted = [];
      nearby = [];
    },
    look: (plane) => {
      nearby = around(plane, frames).filter((p) => !there.has(hashes.get(planeKeyOf(p)) ?? ''));
      void work();
    },
    want: (asked) => {
      if (asked.seriesUid !== seriesUid) return;
      // Two walks of a propagation ask in turns: what one waits for stays, and comes first.
      const waiting = new Set(wanted.map(planeKeyOf));
      for (const plane of asked.planes) {
        const key = planeKeyOf(plane);
        hashes.delete(key);
        if (!waiting.has(key)) wanted.push(plane);
        waiting.add(key);
      }
      void work();
    },
    ensure: async (plane) => {
      urgent++;
      try {
        return await bringOnce(plane);
      } finally {
        urgent--;
        void work();
      }
    },
    forget: (hash) => void there.delete(hash),
  };
}

/** A plane and its neighbours by distance: all frames, but of reformats only the nearest. */
function around(plane: Plane, frames: readonly SeriesFrame[]): Plane[] {
  if (plane.axis === 'k')
    return aroundFirst(frames.map(frameKeyOf), plane.frame).map((frame) => ({ axis: 'k', frame }) as const);
  const { axis, index } = plane;
  const count = (axis === 'i' ? frames[0]?.columns : frames[0]?.rows) ?? 0;
  const indices = Array.from({ length: count }, (_, n) => n);
  const nearest = indices.slice(Math.max(0, index - REFORMATS_AHEAD), index + REFORMATS_AHEAD + 1);
  return aroundFirst(nearest, index).map((n) => ({ axis, index: n }));
}
