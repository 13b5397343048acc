import { frameKeyOf, framesByPlace, SAME_PLACE_MM, type FrameKey, type SeriesFrame } from '@ohif-medsam/protocol';
import type { DicomJson } from '../ports/archive.ts';
import { frameCountOf, functionalGroup, numberOf, numbersOf, textOf } from '../ports/dicomJson.ts';
import { tagOf, type Keyword } from './attributes.ts';

/** A frame of the series that was segmented. */
export interface SourceFrame extends SeriesFrame {
  readonly key: FrameKey;
  /** Rank in geometric order, from 0. */
  readonly index: number;
  /** Number of its place, from 1, counted on from one direction to the next. */
  readonly place: number;
  /**
   * Number of its stack, from 1: of one direction the first frame (phase, echo) at each place, then the second ones, and so
   * on; then those of the next direction.
   */
  readonly stack: number;
  /** One of several frames of its instance: references have to name the frame number. */
  readonly oneOfMany: boolean;
}

/**
 * All frames of a series in geometric order (see `framesByPlace`; frames without geometry by instance and frame number).
 * @param headers - Metadata of the instances, single-frame or multi-frame, in any order.
 */
export function sourceFrames(headers: readonly DicomJson[]): SourceFrame[] {
  const inOrder = [...headers].sort((a, b) => (numberOf(a, '00200013') ?? 0) - (numberOf(b, '00200013') ?? 0));
  const places = framesByPlace(inOrder.flatMap(framesOf));
  // How many stacks there are before each direction, and at the end.
  const stacks = [0];
  for (const { direction, frames } of places) {
    const before = stacks[direction] ?? 0;
    stacks[direction + 1] = Math.max(stacks[direction + 1] ?? 0, before + frames.length);
  }
  return places
    .flatMap(({ direction, frames }, k) =>
      frames.map((frame, n) => ({ ...frame, place: k + 1, stack: (stacks[direction] ?? 0) + n + 1 })),
    )
    .map((frame, index) => ({ ...frame, index }));
}

function framesOf(header: DicomJson): Omit<SourceFrame, 'index' | 'place' | 'stack'>[] {
  const count = frameCountOf(header);
  const sopInstanceUid = textOf(header, tagOf('SOPInstanceUID')) ?? '';
  const instance = {
    sopInstanceUid,
    sopClassUid: textOf(header, tagOf('SOPClassUID')) ?? '',
    rows: numberOf(header, tagOf('Rows')) ?? 0,
    columns: numberOf(header, tagOf('Columns')) ?? 0,
  };
  return Array.from({ length: count }, (_, at) => {
    const frameNumber = at + 1;
    const key = frameKeyOf({ sopInstanceUid, frameNumber });
    return { ...instance, frameNumber, key, oneOfMany: count > 1, ...placeOf(header, frameNumber, count) };
  });
}

type Place = Pick<SeriesFrame, 'position' | 'orientation' | 'pixelSpacing' | 'sliceThicknessMm'>;

/** Where a frame lies: in its functional groups, or for single-frame objects in the header itself. */
function placeOf(header: DicomJson, frameNumber: number, count: number): Place {
  const from = (group: Keyword, keyword: Keyword): number[] => {
    const item = functionalGroup(header, frameNumber, tagOf(group));
    // One position in the header of several frames is not the position of each of them.
    return numbersOf(item[tagOf(keyword)] || count > 1 ? item : header, tagOf(keyword));
  };
  const [px, py, pz] = from('PlanePositionSequence', 'ImagePositionPatient');
  const [rx, ry, rz, cx, cy, cz] = from('PlaneOrientationSequence', 'ImageOrientationPatient');
  const [betweenRows = 0, betweenColumns = 0] = from('PixelMeasuresSequence', 'PixelSpacing');
  const [thickness = 0] = from('PixelMeasuresSequence', 'SliceThickness');
  return {
    ...(pz !== undefined && { position: [px ?? 0, py ?? 0, pz] as const }),
    ...(cz !== undefined && { orientation: [rx ?? 0, ry ?? 0, rz ?? 0, cx ?? 0, cy ?? 0, cz] as const }),
    ...(betweenRows > 0 && betweenColumns > 0 && { pixelSpacing: [betweenRows, betweenColumns] as const }),
    ...(thickness > 0 && { sliceThicknessMm: thickness }),
  };
}

/** Distance between neighbouring places along the normal, mm; undefined where it differs, is unknown, or there are several normals. */
export function uniformSpacingMm(frames: readonly SeriesFrame[]): number | undefined {
  const places = framesByPlace(frames);
  if (places.some(({ direction }) => direction > 0)) return undefined;
  const mm = places.map((place) => place.mm ?? NaN);
  const steps = mm.slice(1).map((here, k) => here - (mm[k] ?? NaN));
  const [first] = steps;
  return steps.every((step) => Math.abs(step - (first ?? NaN)) < SAME_PLACE_MM) ? first : undefined;
}
