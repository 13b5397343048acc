import type { Code, Segment } from '@ohif-medsam/protocol';
import type { DicomJson } from '../ports/archive.ts';
import { attributes } from './attributes.ts';
import { rgbToDicomLab } from './cielab.ts';

export const codeItem = ({ value, scheme, meaning }: Code): DicomJson =>
  attributes({ CodeValue: [value], CodingSchemeDesignator: [scheme], CodeMeaning: [meaning] });

const ARTIFICIAL_INTELLIGENCE: Code = { value: '123110', scheme: 'DCM', meaning: 'Artificial Intelligence' };

/** What a segment says of itself in the file. */
export type SegmentDescription = Pick<Segment, 'label' | 'color' | 'coding' | 'tracking' | 'algorithm'>;

/**
 * An item of SegmentSequence (PS3.3 C.8.20.4).
 * @param number - Segment Number in this file: 1, 2, 3 ... without gaps, whatever the document's numbers are.
 * @param algorithmSource - Who makes the algorithm.
 */
export function segmentItem(segment: SegmentDescription, number: number, algorithmSource: string): DicomJson {
  const { label, color, coding, tracking, algorithm } = segment;
  const automatic = algorithm.type !== 'MANUAL';
  const name = algorithm.name ?? 'unknown';
  return attributes({
    SegmentNumber: [number],
    SegmentLabel: [label],
    SegmentAlgorithmType: [algorithm.type],
    SegmentAlgorithmName: automatic ? [name] : undefined,
    SegmentationAlgorithmIdentificationSequence: automatic
      ? [
          attributes({
            AlgorithmFamilyCodeSequence: [codeItem(ARTIFICIAL_INTELLIGENCE)],
            AlgorithmName: [name],
            AlgorithmVersion: [algorithm.version ?? 'unknown'],
            AlgorithmSource: [algorithmSource],
            AlgorithmParameters:
              algorithm.modelSha256 === undefined ? undefined : [`model sha256 ${algorithm.modelSha256}`],
          }),
        ]
      : undefined,
    SegmentedPropertyCategoryCodeSequence: [codeItem(coding.category)],
    SegmentedPropertyTypeCodeSequence: [codeItem(coding.type)],
    AnatomicRegionSequence: coding.region ? [codeItem(coding.region)] : undefined,
    RecommendedDisplayCIELabValue: rgbToDicomLab(color),
    TrackingID: [tracking.id],
    TrackingUID: [tracking.uid],
  });
}
