import {
  aheadFirst,
  frameKeyOf,
  planeKeyOf,
  type Direction,
  type FrameKey,
  type Plane,
  type SeriesFrame,
  type SeriesOpened,
  type SliceWanted,
} from '@ohif-medsam/protocol';
import { createLinkSpeed } from '../session/linkSpeed.ts';
import { RequestError, type Server, type Slices } from '../session/ports.ts';
import { restMs } from '../session/restMs.ts';
import { deflate } from './deflate.ts';
import { hashOf } from './hashOf.ts';
import type { SlicePixels } from './slicePixels.ts';

/** So many reformats each way go ahead of the eye: an axis has as many of them as the image has columns, each as large as a slice. */
const REFORMATS_AHEAD = 12;

/** Slices on their way at once: enough to hide the round trip, few enough that a prompt need not wait. */
const IN_FLIGHT = 2;

/** So long after an answer the background still waits: a box in the hand asks again at once, and its mask is drawn meanwhile. */
const QUIET_MS = 500;

/** Of so many displays planes are brought, the last that were open: a propagation goes on in one that was left. */
const MOST_DISPLAYS = 8;

/** What the viewer shows of a series: all of it, or, as of radiographs and clips, a part. */
interface Display {
  readonly series: string;
  readonly frames: ReadonlySet<FrameKey>;
  readonly read: ReadPlane;
}

export interface SlicePusher extends Slices {
  /**
   * Begins anew with the frames (in geometric order) of another series, or of the same after a reconnection.
   * @param read - Reads a plane of it, also when it has been left.
   */
  open(seriesUid: string, frames: readonly SeriesFrame[], pixels: SeriesOpened['pixels'], read: ReadPlane): void;
  /** The user looks at this plane: it goes at once, then its neighbours, those first to which one scrolls. */
  look(plane: Plane): void;
  /** The server needs these now, and has not got them, whatever it had before: of the open series, or of one that was left. */
  want(wanted: SliceWanted): void;
}

type ReadPlane = (plane: Plane) => Promise<SlicePixels>;

interface PusherPorts {
  readonly server: Server;
  /** Told why the server cannot read the open series itself; from then on its slices are pushed. */
  readonly onRefused: (reason: RequestError) => void;
  /** Told of how many frames the server is known to have the pixels; null where it reads them itself. */
  readonly onKnown: (frames: number | null) => void;
  /** Of the time of link and page, what slices may take that nobody has asked for; greater than 0, at most 1. */
  readonly prefetchShare: number;
}

/**
 * Brings slices to the server, each once: what it has already, from anybody, is asked by hash and not sent. Four lanes: a
 * prompt's slice and the visible one at once, slices that a propagation wants next, and the rest of the series behind, one at a
 * time, with rests, and not while anybody waits for an answer or has just got one. Over a slow link pixels go compressed.
 */
export function createSlicePusher({ server, onRefused, onKnown, prefetchShare }: PusherPorts): SlicePusher {
  const link = createLinkSpeed(() => performance.now());
  /** The one that was open last stands last. */
  let displays: readonly Display[] = [];
  let seriesUid = '';
  let pulled = false;
  let frames: readonly SeriesFrame[] = [];
  let hashes = new Map<string, string>();
  let there = new Set<string>();
  let arriving = new Map<string, Promise<string>>();
  let visible: Plane | undefined;
  let wanted: PlaneOfSeries[] = [];
  let nearby: Plane[] = [];
  let seen: Plane | undefined;
  let direction: Direction = 0;
  let working = 0;
  let urgent = 0;
  let resting = false;

  function tellKnown(): void {
    const isKnown = ([key, hash]: [string, string]) => key.startsWith('k:') && there.has(hash);
    onKnown(pulled ? null : [...hashes].filter(isKnown).length);
  }

  /** Of a plane that the server is known to have. */
  function hashThere(plane: Plane): string | undefined {
    const hash = hashes.get(planeKeyOf(plane));
    return hash !== undefined && there.has(hash) ? hash : undefined;
  }

  /** Of planes across frames, only the last display of a series knows in which frames they lie. */
  const displayOf = ({ plane, series }: PlaneOfSeries): Display | undefined =>
    displays.findLast((one) => one.series === series && (plane.axis !== 'k' || one.frames.has(plane.frame)));

  async function bring(plane: Plane, series: string): Promise<string> {
    const known = series === seriesUid ? hashThere(plane) : undefined;
    const display = displayOf({ plane, series });
    if (known !== undefined) return known;
    if (!display) throw new Error('This series has not been opened.');
    const { pixels, ...facts } = await display.read(plane);
    const hash = await hashOf(pixels);
    const { missing } = await server.request('slice:have', { seriesUid: series, slices: [{ plane, hash }] });
    if (missing.length > 0) await put({ seriesUid: series, plane, hash, ...facts }, pixels);
    if (series === seriesUid) {
      hashes.set(planeKeyOf(plane), hash);
      there.add(hash);
      if (plane.axis === 'k') tellKnown();
    }
    return hash;
  }

  async function put(
    facts: Omit<SlicePixels, 'pixels'> & { readonly seriesUid: string; readonly plane: Plane; readonly hash: string },
    raw: Uint8Array<ArrayBuffer>,
  ): Promise<void> {
    const encoding = link.isCompressing() ? 'deflate-raw' : 'raw';
    const pixels = encoding === 'raw' ? raw : await deflate(raw);
    const acknowledged = link.sending();
    let measured: number | undefined;
    try {
      await server.request('slice:put', { ...facts, encoding, pixels });
      if (encoding === 'raw') measured = pixels.byteLength;
    } finally {
      acknowledged(measured);
    }
  }

  function bringOnce(plane: Plane, series = seriesUid): Promise<string> {
    const key = keyOf({ plane, series });
    const before = arriving.get(key);
    if (before) return before;
    const here = arriving;
    const bringing = bring(plane, series).finally(() => here.delete(key));
    arriving.set(key, bringing);
    return bringing;
  }

  /** What somebody needs now. */
  function nextNeeded(): PlaneOfSeries | undefined {
    const next = visible ? { plane: visible, series: seriesUid } : wanted.shift();
    visible = undefined;
    return next;
  }

  /** A slice that fails is left out, since whoever needs it asks for it again. */
  async function work(): Promise<void> {
    if (working >= IN_FLIGHT) return;
    const needed = nextNeeded();
    const plane = needed?.plane ?? (urgent > 0 || resting ? undefined : nearby.shift());
    if (!plane) return;
    working++;
    resting ||= !needed;
    const start = performance.now();
    const bringing = bringOnce(plane, needed?.series).catch(() => undefined);
    void work();
    await bringing;
    working--;
    if (!needed) setTimeout(rested, restMs(performance.now() - start, prefetchShare));
    void work();
  }

  function rested(): void {
    resting = false;
    void work();
  }

  return {
    open: (series, ofSeries, pixels, read) => {
      const display = { series, frames: new Set(ofSeries.map(frameKeyOf)), read };
      const isBefore = (one: Display) =>
        one.series === series && [...display.frames].every((key) => one.frames.has(key));
      displays = [...displays.filter((one) => !isBefore(one)), display].slice(-MOST_DISPLAYS);
      seriesUid = series;
      pulled = pixels === 'pull';
      frames = ofSeries;
      hashes = new Map();
      there = new Set();
      arriving = new Map();
      visible = undefined;
      wanted = wanted.filter((other) => displayOf(other) !== display);
      nearby = [];
      seen = undefined;
      direction = 0;
      tellKnown();
    },
    look: (plane) => {
      direction = scrolled(direction, seen, plane, frames);
      seen = plane;
      if (pulled) return;
      const [here, ...others] = around(plane, frames, direction);
      visible = here && hashThere(here) !== undefined ? undefined : here;
      nearby = others.filter((other) => hashThere(other) === undefined);
      void work();
    },
    want: (asked) => {
      const { seriesUid: series, planes } = asked;
      if (!displays.some((one) => one.series === series)) return;
      // Two walks of a propagation ask in turns: what one waits for stays, and comes first.
      const waiting = new Set(wanted.map(keyOf));
      for (const plane of planes) {
        const key = keyOf({ plane, series });
        if (series === seriesUid) hashes.delete(planeKeyOf(plane));
        if (!waiting.has(key)) wanted.push({ plane, series });
        waiting.add(key);
      }
      void work();
    },
    using: async (plane, request) => {
      urgent++;
      const series = seriesUid;
      try {
        if (pulled) {
          try {
            return await request(undefined);
          } catch (error) {
            if (!isMissing(error)) throw error;
            if (pulled && series === seriesUid) onRefused(error);
            if (series === seriesUid) pulled = false;
          }
        }
        // Without waiting where nothing is to be brought: what the page has to do besides would come before the request.
        const hash = hashThere(plane) ?? (await bringOnce(plane, series));
        return await request(hash).catch(async (error: unknown) => {
          if (!isMissing(error)) throw error;
          there.delete(hash);
          return request(await bringOnce(plane, series));
        });
      } finally {
        setTimeout(() => {
          urgent--;
          void work();
        }, QUIET_MS);
      }
    },
  };
}

interface PlaneOfSeries {
  readonly plane: Plane;
  readonly series: string;
}
const keyOf = ({ plane, series }: PlaneOfSeries): string => `${series} ${planeKeyOf(plane)}`;

const isMissing = (error: unknown): error is RequestError =>
  error instanceof RequestError && error.code === 'slice-missing';

/** A plane and its neighbours as one is likely to see them: all frames, but of reformats only the nearest. */
function around(plane: Plane, frames: readonly SeriesFrame[], direction: Direction): Plane[] {
  if (plane.axis === 'k')
    return aheadFirst(frames.map(frameKeyOf), plane.frame, direction).map((frame) => ({ axis: 'k', frame }) as const);
  const { axis, index } = plane;
  const count = (axis === 'i' ? frames[0]?.columns : frames[0]?.rows) ?? 0;
  const indices = Array.from({ length: count }, (_, n) => n);
  const nearest = indices.slice(Math.max(0, index - REFORMATS_AHEAD), index + REFORMATS_AHEAD + 1);
  return aheadFirst(nearest, index, direction).map((n) => ({ axis, index: n }));
}

/** The direction from one plane to the next; as before where that is the same, none across axes. */
function scrolled(before: Direction, from: Plane | undefined, to: Plane, frames: readonly SeriesFrame[]): Direction {
  if (from?.axis !== to.axis) return 0;
  const placeOf = (plane: Plane) =>
    plane.axis === 'k' ? frames.findIndex((frame) => frameKeyOf(frame) === plane.frame) : plane.index;
  return (Math.sign(placeOf(to) - placeOf(from)) as Direction) || before;
}
