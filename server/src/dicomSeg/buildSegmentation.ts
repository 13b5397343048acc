import { AppError, type Cell } from '@ohif-medsam/protocol';
import type { DicomJson } from '../ports/archive.ts';
import { textOf } from '../ports/dicomJson.ts';
import { attributes, tagOf } from './attributes.ts';
import { frameAttributes, type SegFrame } from './functionalGroups.ts';
import { imageAttributes, lossyAttributes } from './imageAttributes.ts';
import { instanceAttributes, spatialAttributes, type Equipment, type SegIdentity } from './instanceAttributes.ts';
import { overlap } from './overlap.ts';
import { patientAndStudy } from './patientAndStudy.ts';
import { packMasks } from './pixelBits.ts';
import { references } from './references.ts';
import { segmentItem, type SegmentDescription } from './segmentItem.ts';
import { sourceFrames, uniformSpacingMm, type SourceFrame } from './sourceFrames.ts';
import { uidOf } from './uid.ts';

/** What is to be written: the segments, and their masks by frame. */
export interface SegContent {
  readonly segments: readonly (SegmentDescription & { readonly id: string })[];
  readonly cells: readonly Cell[];
}

export interface Segmentation {
  /** Everything but PixelData. Text is Unicode: SpecificCharacterSet says UTF-8. */
  readonly header: DicomJson;
  /** One bit per pixel; see {@link packMasks}. */
  readonly pixelData: Uint8Array;
  readonly frames: number;
}

/**
 * Makes a DICOM Segmentation (BINARY, PS3.3 A.51): one frame per segment and source frame with a mask; empty masks make none.
 * @param sources - Headers of all instances of the segmented series.
 * @throws AppError `segmentation-empty`; `source-unsupported` if a mask's frame is not in the series or frames differ in size.
 */
export function buildSegmentation(
  { segments, cells }: SegContent,
  sources: readonly DicomJson[],
  identity: SegIdentity,
  equipment: Equipment,
): Segmentation {
  const all = sourceFrames(sources);
  const frames = segFrames(segments, cells, all);
  const first = frames[0]?.source;
  const source = sources[0];
  if (!first || !source) throw new AppError('segmentation-empty');
  const odd = frames.find((frame) => frame.source.rows !== first.rows || frame.source.columns !== first.columns);
  if (odd) throw new AppError('source-unsupported', 'The segmented images differ in Rows or Columns.');
  const segmented = segmentedOf(sources, frames);
  const frameOfReference = frameOfReferenceOf(segmented, frames);
  const numbers = { count: frames.length, rows: first.rows, columns: first.columns };
  return {
    header: {
      ...patientAndStudy(source),
      ...instanceAttributes(source, identity, equipment),
      ...spatialAttributes(segmented, frameOfReference),
      ...imageAttributes(numbers, overlap(frames)),
      ...lossyAttributes(segmented),
      ...references(all, textOf(source, tagOf('SeriesInstanceUID')) ?? '', identity.predecessor, identity.firstPart),
      ...attributes({
        SegmentSequence: segments.map((segment, at) => segmentItem(segment, at + 1, equipment.manufacturer)),
      }),
      ...frameAttributes(frames, {
        spatial: frameOfReference !== undefined,
        stacked: frameOfReference !== undefined && all.some(({ stack }) => stack > 1),
        spacingMm: uniformSpacingMm(all),
        organizationUid: uidOf('dimensions', identity.sopInstanceUid),
      }),
    },
    pixelData: packMasks(
      frames.map(({ runs }) => runs),
      first.rows * first.columns,
    ),
    frames: frames.length,
  };
}

function segFrames(segments: SegContent['segments'], cells: readonly Cell[], all: readonly SourceFrame[]): SegFrame[] {
  const byKey = new Map(all.map((frame) => [frame.key, frame]));
  return segments.flatMap(({ id }, at) =>
    cells
      .filter((cell) => cell.segmentId === id && cell.runs.length > 0)
      .map(({ frame, runs }) => {
        const source = byKey.get(frame);
        if (!source) throw new AppError('source-unsupported', `Frame ${frame} is not in the archive's series.`);
        return { segmentNumber: at + 1, source, runs };
      })
      .sort((a, b) => a.source.index - b.source.index),
  );
}

/** Headers of the instances that have a mask: others of the series may look at the patient otherwise. */
function segmentedOf(sources: readonly DicomJson[], frames: readonly SegFrame[]): DicomJson[] {
  const uids = new Set(frames.map(({ source }) => source.sopInstanceUid));
  return sources.filter((header) => uids.has(textOf(header, tagOf('SOPInstanceUID')) ?? ''));
}

/** The common Frame of Reference of the segmented frames, if they all have a place in it. */
function frameOfReferenceOf(segmented: readonly DicomJson[], frames: readonly SegFrame[]): string | undefined {
  const uids = new Set(segmented.map((header) => textOf(header, tagOf('FrameOfReferenceUID'))));
  const placed = frames.every(
    ({ source: { position, orientation, pixelSpacing } }) => position && orientation && pixelSpacing,
  );
  return placed && uids.size === 1 ? [...uids][0] : undefined;
}
