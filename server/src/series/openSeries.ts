import {
  AppError,
  areParallel,
  frameKeyOf,
  LIMITS,
  sortFrames,
  type FrameKey,
  type SeriesFrame,
  type SeriesOpen,
} from '@ohif-medsam/protocol';

/** A series that somebody has open: what its images say of themselves. */
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
 * Joins an announcement with what was announced before: a viewer may split one series into several stacks.
 * @throws AppError `series-mixed` if the images differ in size or claim another study, or name one frame twice;
 *   `input-invalid` if there are too many together.
 */
export function joinSeries(known: OpenSeries | undefined, opened: SeriesOpen): OpenSeries {
  const first = known?.frames[0] ?? opened.frames[0];
  if (!first) throw new AppError('series-mixed', 'No images.');
  if (known && known.studyUid !== opened.studyUid)
    throw new AppError('series-mixed', 'The series was opened in another study.');
  const odd = opened.frames.find((f) => f.rows !== first.rows || f.columns !== first.columns);
  if (odd)
    throw new AppError(
      'series-mixed',
      `One image is ${size(odd)}, the others are ${size(first)} pixels (columns x rows).`,
    );
  const announced = new Map(opened.frames.map((frame) => [frameKeyOf(frame), frame]));
  if (announced.size !== opened.frames.length) throw new AppError('series-mixed', 'One frame is named twice.');
  // Known ones stay where they are: frames at one position, such as phases, have no other order.
  const joined = new Map(known?.frames.map((frame) => [frameKeyOf(frame), frame]));
  for (const [key, frame] of announced) joined.set(key, frame);
  const frames = sortFrames([...joined.values()]);
  if (frames.length > LIMITS.framesPerSeries)
    throw new AppError('input-invalid', `A series may have ${String(LIMITS.framesPerSeries)} images at most.`);
  return {
    studyUid: opened.studyUid,
    seriesUid: opened.seriesUid,
    modality: opened.modality,
    bodyPart: opened.bodyPart,
    columns: first.columns,
    rows: first.rows,
    frames,
    frameKeys: frames.map(frameKeyOf),
    isStack: frames.every((frame) => areParallel(frame, first)),
  };
}

const size = (frame: SeriesFrame) => `${String(frame.columns)} x ${String(frame.rows)}`;
