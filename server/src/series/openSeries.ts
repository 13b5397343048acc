import {
  AppError,
  areParallel,
  frameKeyOf,
  LIMITS,
  sortFrames,
  type FrameKey,
  type Plane,
  type SeriesFrame,
  type SeriesOpen,
} from '@ohif-medsam/protocol';

/** The images of one size in a series that somebody has open: what they say of themselves. */
export interface OpenSeries {
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly modality: string;
  readonly bodyPart: string | undefined;
  readonly columns: number;
  readonly rows: number;
  /** In geometric order: index k of a plane. */
  readonly frames: readonly SeriesFrame[];
  readonly frameKeys: readonly FrameKey[];
  /** Whether all frames lie in one direction, so that planes across them show something. */
  readonly isStack: boolean;
}

/**
 * A series that somebody has open. Its images may differ in size, as radiographs do, of which a viewer shows each by itself: what
 * joins images, such as planes across them and propagations, stays among those of one size.
 */
export interface WholeSeries extends Pick<OpenSeries, 'studyUid' | 'seriesUid' | 'modality' | 'frames'> {
  readonly bySize: readonly OpenSeries[];
}

/**
 * Joins an announcement with what was announced before: a viewer may split one series into several stacks.
 * @throws AppError `series-mixed` if the images claim another study or, of a frame that is known, another size, or name one frame twice;
 *   `input-invalid` if there are too many together.
 */
export function joinSeries(known: WholeSeries | undefined, opened: SeriesOpen): WholeSeries {
  if (known && known.studyUid !== opened.studyUid)
    throw new AppError('series-mixed', 'The series was opened in another study.');
  const announced = new Map(opened.frames.map((frame) => [frameKeyOf(frame), frame]));
  if (announced.size !== opened.frames.length) throw new AppError('series-mixed', 'One frame is named twice.');
  // Known ones stay where they are: frames at one position, such as phases, have no other order.
  const joined = new Map(known?.frames.map((frame) => [frameKeyOf(frame), frame]));
  for (const [key, frame] of announced) {
    const before = joined.get(key);
    if (before && sizeOf(before) !== sizeOf(frame))
      throw new AppError('series-mixed', `One image was ${sizeOf(before)} pixels before, and is ${sizeOf(frame)} now.`);
    joined.set(key, frame);
  }
  if (joined.size > LIMITS.framesPerSeries)
    throw new AppError('input-invalid', `A series may have ${String(LIMITS.framesPerSeries)} images at most.`);
  const { studyUid, seriesUid, modality, bodyPart } = opened;
  const sizes = new Map<string, [SeriesFrame, ...SeriesFrame[]]>();
  for (const frame of joined.values()) {
    const alike = sizes.get(sizeOf(frame));
    if (alike) alike.push(frame);
    else sizes.set(sizeOf(frame), [frame]);
  }
  const bySize = [...sizes.values()].map((alike): OpenSeries => {
    const [{ columns, rows }] = alike;
    const frames = sortFrames(alike);
    const isStack = alike.every((frame) => areParallel(frame, alike[0]));
    return {
      studyUid,
      seriesUid,
      modality,
      bodyPart,
      columns,
      rows,
      frames,
      frameKeys: frames.map(frameKeyOf),
      isStack,
    };
  });
  return { studyUid, seriesUid, modality, frames: bySize.flatMap(({ frames }) => frames), bySize };
}

/** The images among which a plane lies: those of its frame's size; of a plane across frames, the most that have one size. */
export function imagesAround({ bySize }: WholeSeries, plane: Plane | undefined): OpenSeries {
  const own = plane?.axis === 'k' ? bySize.find(({ frameKeys }) => frameKeys.includes(plane.frame)) : undefined;
  return own ?? bySize.reduce((most, other) => (other.frames.length > most.frames.length ? other : most));
}

const sizeOf = (frame: SeriesFrame) => `${String(frame.columns)} x ${String(frame.rows)}`;
