import type { SeriesFrame } from '../messages/series.ts';
import { cross, dot, type LpsPoint, type Vector } from './spaces.ts';

/** Names one frame of one SOP instance: `${SOPInstanceUID}/${frameNumber}`, frame numbers from 1. */
export type FrameKey = string;

export const frameKeyOf = (frame: { sopInstanceUid: string; frameNumber: number }): FrameKey =>
  `${frame.sopInstanceUid}/${String(frame.frameNumber)}`;

/** @throws RangeError if the key is not of the form `${SOPInstanceUID}/${frameNumber}`. */
export function parseFrameKey(key: FrameKey): { sopInstanceUid: string; frameNumber: number } {
  const slash = key.lastIndexOf('/');
  const frameNumber = Number(key.slice(slash + 1));
  if (slash < 1 || !Number.isInteger(frameNumber) || frameNumber < 1) throw new RangeError(`not a frame key: ${key}`);
  return { sopInstanceUid: key.slice(0, slash), frameNumber };
}

/**
 * Unit normal of a frame: row direction x column direction, so that (i, j, k) is right-handed in LPS when k ascends along it.
 * @returns undefined for a frame without ImageOrientationPatient.
 * @see DICOM PS3.3 C.7.6.2.1.1
 */
export function frameNormal(frame: SeriesFrame): Vector | undefined {
  const o = frame.orientation;
  return o && cross([o[0], o[1], o[2]], [o[3], o[4], o[5]]);
}

/** Cosine between the normals of frames that still count as parallel. */
const PARALLEL = 0.999;

/** Whether two frames lie in one direction; frames that do not say how they lie only match each other. */
export function areParallel(a: SeriesFrame, b: SeriesFrame): boolean {
  const [normal, other] = [frameNormal(a), frameNormal(b)];
  return normal && other ? Math.abs(dot(normal, other)) > PARALLEL : normal === other;
}

/** Distance of a frame's plane from the origin along `normal`, mm; undefined without ImagePositionPatient. */
export const positionAlong = (frame: SeriesFrame, normal: Vector): number | undefined =>
  frame.position && dot(frame.position, normal);

/**
 * Orders frames anatomically: ascending along the normal of the first frame, whatever their instance numbers say. Frames
 * without position or orientation (ultrasound, photographs) keep the order given, which is time. Frames at one position
 * (phases, echoes) keep their order too: the sort is stable.
 */
export function sortFrames<F extends SeriesFrame>(frames: readonly F[]): F[] {
  const normal = frames[0] && frameNormal(frames[0]);
  if (!normal) return [...frames];
  const placed = frames.map((frame) => ({ frame, mm: positionAlong(frame, normal) }));
  if (placed.some(({ mm }) => mm === undefined)) return [...frames];
  return placed.sort((a, b) => (a.mm ?? 0) - (b.mm ?? 0)).map(({ frame }) => frame);
}

/** Positions are written with some four digits: frames that lie closer than this lie at one place. */
export const SAME_PLACE_MM = 0.01;

/** Parallel frames at one place: usually one, several of a series with phases, echoes or b-values. */
export interface FramesAtPlace<F extends SeriesFrame> {
  /** Which of the directions in which the frames lie, from 0: a localizer has several. */
  readonly direction: number;
  /** Along the normal of the first frame of its direction; undefined where it is not known. */
  readonly mm: number | undefined;
  readonly frames: readonly F[];
}

/**
 * The places of a series, one direction after the other in the order in which they come, each in geometric order (see
 * {@link sortFrames}). Frames without geometry lie each at a place of its own.
 */
export function framesByPlace<F extends SeriesFrame>(frames: readonly F[]): FramesAtPlace<F>[] {
  return byDirection(frames).flatMap((parallel, direction) => {
    const normal = parallel[0] && frameNormal(parallel[0]);
    const places: { direction: number; mm: number | undefined; frames: F[] }[] = [];
    for (const frame of sortFrames(parallel)) {
      const mm = normal && positionAlong(frame, normal);
      const last = places.at(-1);
      if (last?.mm !== undefined && mm !== undefined && Math.abs(mm - last.mm) < SAME_PLACE_MM) last.frames.push(frame);
      else places.push({ direction, mm, frames: [frame] });
    }
    return places;
  });
}

function byDirection<F extends SeriesFrame>(frames: readonly F[]): F[][] {
  const directions: F[][] = [];
  for (const frame of frames) {
    const own = directions.find(([first]) => first && areParallel(first, frame));
    if (own) own.push(frame);
    else directions.push([frame]);
  }
  return directions;
}

/**
 * The thickness that each place stands for: half the way to the place before plus half the way to the one after in its
 * direction, so that gaps and uneven spacing are counted once. A place alone in its direction, or without geometry, stands for
 * its frame's own thickness.
 * @returns mm per place, undefined where nothing is known.
 */
export function placeThicknessesMm(places: readonly FramesAtPlace<SeriesFrame>[]): (number | undefined)[] {
  return places.map(({ direction, mm: here, frames: [frame] }, k) => {
    const [before, after] = [places[k - 1], places[k + 1]].map((beside) =>
      beside?.direction === direction ? beside.mm : undefined,
    );
    if (here === undefined || (before === undefined && after === undefined)) return frame?.sliceThicknessMm;
    const below = before === undefined ? undefined : here - before;
    const above = after === undefined ? undefined : after - here;
    return ((below ?? above ?? 0) + (above ?? below ?? 0)) / 2;
  });
}

/**
 * Places a pixel of a frame in the patient.
 * @param i - Column index, 0-based; integers are pixel centres.
 * @param j - Row index.
 * @returns undefined for a frame without geometry.
 * @see DICOM PS3.3 C.7.6.2.1.1, equation C.7.6.2.1-1
 */
export function pixelToLps(frame: SeriesFrame, i: number, j: number): LpsPoint | undefined {
  const { position: p, orientation: o, pixelSpacing: s } = frame;
  if (!p || !o || !s) return undefined;
  const along = (axis: 0 | 1 | 2) => p[axis] + o[axis] * s[1] * i + o[(axis + 3) as 3 | 4 | 5] * s[0] * j;
  return [along(0), along(1), along(2)];
}
