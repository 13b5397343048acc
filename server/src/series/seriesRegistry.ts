import { AppError, type SeriesOpen } from '@ohif-medsam/protocol';
import { joinSeries, type OpenSeries } from './openSeries.ts';

/** A frame's facts take about half a kilobyte: the bound keeps the registry under some 100 MB. */
const MOST_FRAMES = 200_000;

/** The series opened since the server started; the ones opened longest ago are forgotten first and announced again on use. */
export class SeriesRegistry {
  readonly #series = new Map<string, OpenSeries>();

  /** @throws AppError `series-mixed` */
  open(message: SeriesOpen): OpenSeries {
    const series = joinSeries(this.#series.get(message.seriesUid), message);
    this.#series.delete(message.seriesUid);
    this.#series.set(message.seriesUid, series);
    this.#forgetOldest();
    return series;
  }

  /** @throws AppError `series-unknown` */
  get(seriesUid: string): OpenSeries {
    const series = this.#series.get(seriesUid);
    if (!series) throw new AppError('series-unknown');
    return series;
  }

  #forgetOldest(): void {
    let frames = 0;
    for (const { frameKeys } of this.#series.values()) frames += frameKeys.length;
    for (const [uid, { frameKeys }] of this.#series) {
      if (frames <= MOST_FRAMES || this.#series.size === 1) return;
      this.#series.delete(uid);
      frames -= frameKeys.length;
    }
  }
}
