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
  /**
   * Whether source frames make several stacks: some lie at one place (phases, echoes), or in several directions. Each then
   * names the one that it belongs to.
   */
  readonly stacked: boolean;
  /** Distance between neighbouring source frames, mm, where it is the same throughout. */
  readonly spacingMm: number | undefined;
  readonly organizationUid: string;
}

/**
 * The functional groups and dimensions of all frames (PS3.3 C.7.6.16, C.7.6.17, C.8.20.3).
 * @param frames - By segment, then in geometric order.
 */
export function frameAttributes(frames: readonly SegFrame[], geometry: SegGeometry): DicomJson {
  // Frames at one place have one position, so it cannot tell them apart.
  const rankBy = geometry.spatial ? 'place' : 'index';
  const stackOf = ({ source }: SegFrame) => (geometry.stacked ? source.stack : 1);
  const ranksIn = (some: readonly SegFrame[]) => ranksOf(some.map(({ source }) => source[rankBy]));
  const ranks = ranksIn(frames);
  const stacks = new Map(
    [...new Set(frames.map(stackOf))].map((stack) => [stack, ranksIn(frames.filter((f) => stackOf(f) === stack))]),
  );
  const groups = frames.map((frame) => {
    const [stack, number] = [stackOf(frame), frame.source[rankBy]];
    const ordinals = { rank: ranks.get(number) ?? 1, stack, inStack: stacks.get(stack)?.get(number) ?? 1 };
    return perFrame(frame, ordinals, geometry);
  });
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

/** Rank from 1 of each number among those that occur. */
const ranksOf = (numbers: readonly number[]): Map<number, number> =>
  new Map([...new Set(numbers)].sort((a, b) => a - b).map((number, at) => [number, at + 1]));

function dimensions({ spatial, stacked, organizationUid }: SegGeometry): DicomJson[] {
  const dimension = (label: string, pointer: string, group: string) =>
    attributes({
      DimensionOrganizationUID: [organizationUid],
      DimensionIndexPointer: [pointer],
      FunctionalGroupPointer: [group],
      DimensionDescriptionLabel: [label],
    });
  return [
    dimension('Segment', tagOf('ReferencedSegmentNumber'), tagOf('SegmentIdentificationSequence')),
    ...(stacked ? [dimension('Stack', tagOf('StackID'), tagOf('FrameContentSequence'))] : []),
    spatial
      ? dimension('Position', tagOf('ImagePositionPatient'), tagOf('PlanePositionSequence'))
      : dimension('Frame', tagOf('InStackPositionNumber'), tagOf('FrameContentSequence')),
  ];
}

/** Numbers of a frame from 1: of its position among all, of its stack, and of its position in that. */
interface Ordinals {
  readonly rank: number;
  readonly stack: number;
  readonly inStack: number;
}

function perFrame(
  { segmentNumber, source }: SegFrame,
  { rank, stack, inStack }: Ordinals,
  geometry: SegGeometry,
): Record<string, DicomJsonElement> {
  const { spatial, stacked, spacingMm } = geometry;
  return {
    ...attributes({
      DerivationImageSequence: [derivation(source)],
      FrameContentSequence: [
        attributes({
          DimensionIndexValues: [segmentNumber, ...(stacked ? [stack] : []), rank],
          StackID: spatial && !stacked ? undefined : [String(stack)],
          InStackPositionNumber: spatial && !stacked ? undefined : [inStack],
        }),
      ],
      SegmentIdentificationSequence: [attributes({ ReferencedSegmentNumber: [segmentNumber] })],
    }),
    ...(spatial ? place(source, spacingMm) : {}),
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
