import type { Runs, SeriesFrame } from '@ohif-medsam/protocol';
import type { DicomJson, DicomJsonElement } from '../ports/archive.ts';
import { attributes, tagOf, type Keyword } from './attributes.ts';
import { codeItem } from './segmentItem.ts';
import type { SourceFrame } from './sourceFrames.ts';

/** One frame of the segmentation: the mask of one segment in one source frame. */
export interface SegFrame {
  readonly segmentNumber: number;
  readonly source: SourceFrame;
  readonly runs: Runs;
}

const SEGMENTATION = { value: '113076', scheme: 'DCM', meaning: 'Segmentation' };
const SOURCE_IMAGE = { value: '121322', scheme: 'DCM', meaning: 'Source image for image processing operation' };

/** What the frames of a segmentation share. */
export interface SegGeometry {
  /**
   * Whether the frames have places in a common Frame of Reference. Without, a frame is told apart by its rank in the stack,
   * and related to its source by reference only.
   */
  readonly spatial: boolean;
  /** Distance between neighbouring source frames, mm, where it is the same throughout. */
  readonly spacingMm: number | undefined;
  readonly organizationUid: string;
}

/**
 * The functional groups and dimensions of all frames (PS3.3 C.7.6.16, C.7.6.17, C.8.20.3).
 * @param frames - By segment, then in geometric order.
 */
export function frameAttributes(frames: readonly SegFrame[], geometry: SegGeometry): DicomJson {
  const ranks = ranksOf(frames.map(({ source }) => source));
  const groups = frames.map((frame) => perFrame(frame, ranks.get(frame.source.key) ?? 1, geometry));
  return attributes({
    DimensionOrganizationSequence: [attributes({ DimensionOrganizationUID: [geometry.organizationUid] })],
    DimensionIndexSequence: dimensions(geometry),
    SharedFunctionalGroupsSequence: [shareWhatIsSame(groups, ['PixelMeasuresSequence', 'PlaneOrientationSequence'])],
    PerFrameFunctionalGroupsSequence: groups,
  });
}

/** Moves groups that are the same in every frame out of the frames. */
function shareWhatIsSame(groups: Record<string, DicomJsonElement>[], keywords: readonly Keyword[]): DicomJson {
  const shared: Record<string, DicomJsonElement> = {};
  for (const tag of keywords.map(tagOf)) {
    const first = groups[0]?.[tag];
    if (first === undefined || groups.some((group) => JSON.stringify(group[tag]) !== JSON.stringify(first))) continue;
    shared[tag] = first;
    for (const group of groups) delete group[tag];
  }
  return shared;
}

/** Rank from 1 of each source frame among those that have a mask. Frames at one place have ranks of their own. */
function ranksOf(sources: readonly SourceFrame[]): Map<string, number> {
  const order = new Map<string, number>();
  for (const { key } of [...sources].sort((a, b) => a.index - b.index))
    if (!order.has(key)) order.set(key, order.size + 1);
  return order;
}

function dimensions({ spatial, organizationUid }: SegGeometry): DicomJson[] {
  const dimension = (label: string, pointer: string, group: string) =>
    attributes({
      DimensionOrganizationUID: [organizationUid],
      DimensionIndexPointer: [pointer],
      FunctionalGroupPointer: [group],
      DimensionDescriptionLabel: [label],
    });
  return [
    dimension('Segment', tagOf('ReferencedSegmentNumber'), tagOf('SegmentIdentificationSequence')),
    spatial
      ? dimension('Position', tagOf('ImagePositionPatient'), tagOf('PlanePositionSequence'))
      : dimension('Frame', tagOf('InStackPositionNumber'), tagOf('FrameContentSequence')),
  ];
}

function perFrame(frame: SegFrame, rank: number, geometry: SegGeometry): Record<string, DicomJsonElement> {
  const { segmentNumber, source } = frame;
  return {
    ...attributes({
      DerivationImageSequence: [derivation(source)],
      FrameContentSequence: [
        attributes({
          DimensionIndexValues: [segmentNumber, rank],
          StackID: geometry.spatial ? undefined : ['1'],
          InStackPositionNumber: geometry.spatial ? undefined : [rank],
        }),
      ],
      SegmentIdentificationSequence: [attributes({ ReferencedSegmentNumber: [segmentNumber] })],
    }),
    ...(geometry.spatial ? place(source, geometry.spacingMm) : {}),
  };
}

/** From which frame, and that its pixels lie at the same places. */
function derivation(source: SourceFrame): DicomJson {
  return attributes({
    SourceImageSequence: [
      attributes({
        ReferencedSOPClassUID: [source.sopClassUid],
        ReferencedSOPInstanceUID: [source.sopInstanceUid],
        ReferencedFrameNumber: source.oneOfMany ? [source.frameNumber] : undefined,
        SpatialLocationsPreserved: ['YES'],
        PurposeOfReferenceCodeSequence: [codeItem(SOURCE_IMAGE)],
      }),
    ],
    DerivationCodeSequence: [codeItem(SEGMENTATION)],
  });
}

function place(source: SeriesFrame, spacingMm: number | undefined): DicomJson {
  // Readers insist on a thickness; where the scanner gave none, slices fill the space between them.
  const thickness = source.sliceThicknessMm ?? spacingMm;
  const measures = attributes({
    SliceThickness: thickness === undefined ? undefined : [thickness],
    SpacingBetweenSlices: spacingMm === undefined ? undefined : [spacingMm],
    PixelSpacing: source.pixelSpacing,
  });
  return attributes({
    PlanePositionSequence: [attributes({ ImagePositionPatient: source.position })],
    PlaneOrientationSequence: [attributes({ ImageOrientationPatient: source.orientation })],
    PixelMeasuresSequence: [measures],
  });
}
