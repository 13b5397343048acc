import { metaData } from '@cornerstonejs/core';
import { frameKeyOf, uidSchema, type FrameKey, type SeriesFrame, type SeriesOpen } from '@ohif-medsam/protocol';
import type { DisplaySet, Instance } from '../ohif.ts';

/** Modalities that are no images of their own. */
const NOT_SEGMENTABLE = new Set(['SEG', 'RTSTRUCT', 'RTPLAN', 'RTDOSE', 'SR', 'PR', 'KO', 'DOC', 'ECG', 'SM', 'PMAP']);

/** A series in the viewer: what the server is told of it, and the viewer's image of each frame. */
export interface ViewedSeries {
  readonly announced: SeriesOpen;
  readonly displaySet: DisplaySet;
  readonly imageIds: readonly string[];
  readonly imageIdOf: ReadonlyMap<FrameKey, string>;
}

type Triple = [number, number, number];
type Sextuple = [...Triple, ...Triple];

const numbers = (values: unknown, count: number): number[] | undefined => {
  const found = Array.isArray(values) ? values.map(Number) : [];
  return found.length === count && found.every(Number.isFinite) ? found : undefined;
};

/** Frame number of an image id of the DICOMweb loader (`.../frames/3`) or of the WADO-URI loader (`&frame=3`); 1 if it names none. */
const frameNumberOf = (imageId: string): number => Number(/(?:\/frames\/|[?&]frame=)(\d+)/.exec(imageId)?.[1] ?? 1);

function frameOf(imageId: string): SeriesFrame | undefined {
  // OHIF merges the functional groups of a frame into its instance, so that this holds for enhanced multi-frame too.
  const instance = metaData.get('instance', imageId) as Instance | undefined;
  if (!instance) return undefined;
  const position = numbers(instance.ImagePositionPatient, 3);
  const orientation = numbers(instance.ImageOrientationPatient, 6);
  const spacing = numbers(instance.PixelSpacing, 2);
  const thickness = Number(instance.SliceThickness);
  return {
    sopInstanceUid: instance.SOPInstanceUID,
    sopClassUid: instance.SOPClassUID,
    frameNumber: frameNumberOf(imageId),
    rows: instance.Rows,
    columns: instance.Columns,
    // OHIF invents a position for multi-frame images that have none; it does not invent an orientation.
    ...(position && orientation
      ? { position: position as unknown as Triple, orientation: orientation as unknown as Sextuple }
      : {}),
    ...(spacing?.every((mm) => mm > 0) ? { pixelSpacing: spacing as unknown as [number, number] } : {}),
    ...(thickness > 0 ? { sliceThicknessMm: thickness } : {}),
  };
}

/** @returns undefined for a display set that cannot be segmented: no images, or images without a proper UID. */
export function viewedSeries(displaySet: DisplaySet): ViewedSeries | undefined {
  const imageIds = displaySet.imageIds ?? [];
  if (imageIds.length === 0 || NOT_SEGMENTABLE.has(displaySet.Modality)) return undefined;
  const placed = imageIds.map((imageId) => ({ imageId, frame: frameOf(imageId) }));
  const frames = placed.flatMap(({ frame }) => frame ?? []);
  if (frames.length !== imageIds.length || !uidSchema.safeParse(displaySet.SeriesInstanceUID).success) return undefined;
  const bodyPart = displaySet.instances?.[0]?.BodyPartExamined;
  return {
    announced: {
      studyUid: displaySet.StudyInstanceUID,
      seriesUid: displaySet.SeriesInstanceUID,
      modality: displaySet.Modality,
      ...(bodyPart ? { bodyPart } : {}),
      frames,
    },
    displaySet,
    imageIds,
    imageIdOf: new Map(placed.flatMap(({ imageId, frame }) => (frame ? [[frameKeyOf(frame), imageId] as const] : []))),
  };
}
