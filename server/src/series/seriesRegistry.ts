import { randomUUID } from 'node:crypto';
import { AppError, type Plane, type SeriesOpen } from '@ohif-medsam/protocol';
import { imagesAround, joinSeries, type OpenSeries, type WholeSeries } from './openSeries.ts';

/** A frame's facts take about half a kilobyte: the bound keeps the registry under some 100 MB. */
const MOST_FRAMES = 200_000;

interface Entry {
  readonly series: WholeSeries;
  /** Connections that have it open, and who else holds it. */
  readonly pages: ReadonlySet<string>;
}

/** The series that pages have open. What the last page leaves is forgotten, and announced again by the next. */
export class SeriesRegistry {
  readonly #entries = new Map<string, Entry>();
  readonly #mostFrames: number;

  constructor(mostFrames = MOST_FRAMES) {
    this.#mostFrames = mostFrames;
  }

  /**
   * @param page - Connection id; every page that opens a series closes it once.
   * @throws AppError `series-mixed`, `input-invalid`, `engine-busy` if too many images are open already.
   */
  open(message: SeriesOpen, page: string): WholeSeries {
    const { seriesUid } = message;
    const known = this.#entries.get(seriesUid);
    const series = joinSeries(known?.series, message);
    const others = [...this.#entries].filter(([uid]) => uid !== seriesUid);
    const frames = others.reduce((sum, [, { series: other }]) => sum + other.frames.length, 0);
    // A series that is in use is never forgotten for another one.
    if (frames > 0 && frames + series.frames.length > this.#mostFrames)
      throw new AppError('engine-busy', `${String(frames)} images are open already.`);
    this.#entries.set(seriesUid, { series, pages: new Set(known?.pages).add(page) });
    return series;
  }

  close(seriesUid: string, page: string): void {
    const entry = this.#entries.get(seriesUid);
    if (!entry) return;
    const pages = new Set([...entry.pages].filter((other) => other !== page));
    if (pages.size === 0) this.#entries.delete(seriesUid);
    else this.#entries.set(seriesUid, { ...entry, pages });
  }

  /**
   * Keeps a series for work that goes on when its pages have left it.
   * @returns Ends that.
   * @throws AppError `series-unknown`
   */
  hold(seriesUid: string): () => void {
    const holder = randomUUID();
    const entry = this.#entry(seriesUid);
    this.#entries.set(seriesUid, { ...entry, pages: new Set(entry.pages).add(holder) });
    return () => this.close(seriesUid, holder);
  }

  /** @throws AppError `series-unknown` */
  get(seriesUid: string): WholeSeries {
    return this.#entry(seriesUid).series;
  }

  /**
   * The images of a series among which a plane lies; see {@link imagesAround}.
   * @throws AppError `series-unknown`
   */
  around(seriesUid: string, plane: Plane | undefined): OpenSeries {
    return imagesAround(this.get(seriesUid), plane);
  }

  #entry(seriesUid: string): Entry {
    const entry = this.#entries.get(seriesUid);
    if (!entry) throw new AppError('series-unknown');
    return entry;
  }
}
