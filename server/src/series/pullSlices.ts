import { createHash } from 'node:crypto';
import { AppError, parseFrameKey, planeKeyOf, smallestNumbers, type FrameKey, type Plane } from '@ohif-medsam/protocol';
import { LRUCache } from 'lru-cache';
import type { PixelSource, PixelWish } from '../ports/pixelSource.ts';
import type { Slice, SliceStore } from '../ports/sliceStore.ts';
import { checkPlane, fits } from './acceptSlice.ts';
import type { OpenSeries } from './openSeries.ts';
import { sharedReadings } from './sharedReadings.ts';

/** After that, an archive that refused a series is asked for it again. */
const REFUSED_MS = 10 * 60_000;
const REFUSALS = 1_000;
/** PET: viewers show it as SUV, by dose and weight; pixels in the file's units would be others. */
const SHOWN_OTHERWISE = 'PT';
/** Instances read at once for a plane across the frames. */
const AT_ONCE = 4;

/** What names a slice; without a hash, the server is to find the pixels itself. */
interface OnSlice {
  readonly plane: Plane;
  readonly sliceHash?: string | undefined;
}

/**
 * Slices that the server reads from the archive itself, each once. What the archive refuses once is left to the viewers: they are
 * told by `slice-missing` why, and push as they would without this. So is PET.
 * @param ports.source - Left out: viewers push all pixels.
 */
export function pullSlices(ports: { readonly source?: PixelSource | undefined; readonly slices: SliceStore }) {
  const { source, slices } = ports;
  const refused = new LRUCache<string, string>({ max: REFUSALS, ttl: REFUSED_MS });
  const read = sharedReadings();

  const sourceOf = ({ modality }: Pick<OpenSeries, 'modality'>) => (modality === SHOWN_OTHERWISE ? undefined : source);
  const pulls = (series: Pick<OpenSeries, 'seriesUid' | 'modality'>): boolean =>
    sourceOf(series) !== undefined && !refused.has(series.seriesUid);

  async function slice(series: OpenSeries, plane: Plane, wish: PixelWish): Promise<Slice> {
    checkPlane(series, plane);
    const here = slices.latest(series.seriesUid, plane);
    if (here && fits(series, here)) return here;
    const from = sourceOf(series);
    if (!from) throw new AppError('slice-missing');
    const before = refused.get(series.seriesUid);
    if (before !== undefined) throw new AppError('slice-missing', before);
    try {
      if (plane.axis === 'k') return await frame(from, series, plane.frame, wish);
      // Another page may announce more frames meanwhile.
      const key = [series.seriesUid, planeKeyOf(plane), series.frameKeys.length].join(' ');
      return await read(key, wish, (joint) => across(series, plane, joint));
    } catch (error) {
      // A plane across colour images is nothing that the archive refuses, nor is what nobody wants any more.
      if (!(error instanceof AppError) || error.code === 'slice-mismatch' || error.code === 'cancelled') throw error;
      // Of a plane across, the frame that was refused has said why.
      const why = refused.get(series.seriesUid) ?? `The server cannot read the pixels itself: ${error.message}`;
      refused.set(series.seriesUid, why);
      throw new AppError('slice-missing', why, { cause: error });
    }
  }

  /** With all other frames of its instance: one reading brings them all. */
  async function frame(from: PixelSource, series: OpenSeries, key: FrameKey, wish: PixelWish): Promise<Slice> {
    const { studyUid, seriesUid } = series;
    const { sopInstanceUid } = parseFrameKey(key);
    const found = await read(sopInstanceUid, wish, async (joint) => {
      const keys = series.frameKeys.filter((each) => parseFrameKey(each).sopInstanceUid === sopInstanceUid);
      const numbers = keys.map((each) => parseFrameKey(each).frameNumber);
      const frames = await from.frames({ studyUid, seriesUid, sopInstanceUid }, numbers, joint);
      const slicesOf = new Map<FrameKey, Slice>();
      for (const [n, each] of keys.entries()) {
        const facts = frames[n];
        if (facts) slicesOf.set(each, put(series, { ...facts, seriesUid, plane: { axis: 'k', frame: each } }));
      }
      return slicesOf;
    });
    const one = found.get(key);
    if (!one) throw new AppError('slice-missing');
    return one;
  }

  function put(series: OpenSeries, made: Slice): Slice {
    if (!fits(series, made))
      throw new AppError('slice-mismatch', `${String(made.columns)} x ${String(made.rows)} pixels.`);
    slices.put(made);
    return made;
  }

  /** A column or row of every frame; see {@link Plane}. */
  async function across(series: OpenSeries, plane: Exclude<Plane, { axis: 'k' }>, wish: PixelWish): Promise<Slice> {
    const { columns, rows } = checkPlane(series, plane);
    const values = new Float32Array(columns * rows);
    let facts: Slice | undefined;
    for (let k = 0; k < rows; k += AT_ONCE) {
      const keys = series.frameKeys.slice(k, k + AT_ONCE);
      const frames = await Promise.all(keys.map((key) => slice(series, { axis: 'k', frame: key }, wish)));
      for (const [n, from] of frames.entries()) {
        if (from.components === 3) throw new AppError('slice-mismatch', 'There are no planes across colour images.');
        facts ??= from;
        for (let at = 0; at < columns; at++)
          values[(k + n) * columns + at] =
            from.pixels[plane.axis === 'i' ? at * from.columns + plane.index : plane.index * from.columns + at] ?? 0;
      }
    }
    if (!facts) throw new AppError('slice-missing');
    const { values: pixels } = smallestNumbers(values);
    const hash = createHash('sha256').update(new Uint8Array(pixels.buffer)).digest('hex');
    return put(series, { ...facts, plane, columns, rows, pixels, hash });
  }

  return {
    /** Whether viewers need not push, as far as is known. */
    pulls,
    /**
     * The same with the hash of pixels that are in the store and show the plane as it is now: another page may have announced more
     * frames of the series since they came.
     * @param signal - Of whoever waits for the answer.
     * @throws AppError `slice-missing`, with the reason where there is one, if there are none: the viewer pushes them, and asks again;
     *   `cancelled`
     */
    async named<T extends OnSlice>(
      request: T,
      series: OpenSeries,
      signal?: AbortSignal,
    ): Promise<T & { readonly sliceHash: string }> {
      const { plane, sliceHash } = request;
      if (sliceHash === undefined)
        return { ...request, sliceHash: (await slice(series, plane, { isNeeded: true, signal })).hash };
      const there = slices.get(series.seriesUid, plane, sliceHash);
      if (!there || !fits(series, there)) throw new AppError('slice-missing');
      return { ...request, sliceHash };
    },
    /** Reads planes ahead, in their order. @returns Those that a viewer has to push. */
    async bring(series: OpenSeries, planes: readonly Plane[], signal?: AbortSignal): Promise<readonly Plane[]> {
      const left = new Map(planes.map((plane) => [planeKeyOf(plane), plane]));
      for (const [key, plane] of left) {
        if (!pulls(series)) break;
        if (await slice(series, plane, { isNeeded: false, signal }).catch(() => undefined)) left.delete(key);
      }
      return [...left.values()];
    },
  };
}

export type PulledSlices = ReturnType<typeof pullSlices>;
