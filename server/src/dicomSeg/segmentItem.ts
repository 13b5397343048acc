import type { AlgorithmIdentification, Code, Segment, SegmentAlgorithm } from '@ohif-medsam/protocol';
import type { DicomJson } from '../ports/archive.ts';
import { attributes, type Keyword } from './attributes.ts';
import { rgbToDicomLab } from './cielab.ts';

export const codeItem = ({ value, scheme, meaning }: Code): DicomJson =>
  attributes({ CodeValue: [value], CodingSchemeDesignator: [scheme], CodeMeaning: [meaning] });

const ARTIFICIAL_INTELLIGENCE: Code = { value: '123110', scheme: 'DCM', meaning: 'Artificial Intelligence' };

/** What a segment says of itself in the file. */
export type SegmentDescription = Pick<Segment, 'label' | 'description' | 'color' | 'coding' | 'tracking' | 'algorithm'>;

/**
 * An item of SegmentSequence (PS3.3 C.8.20.4).
 * @param number - Segment Number in this file: 1, 2, 3 ... without gaps, whatever the document's numbers are.
 * @param algorithmSource - Who makes the models of this server.
 */
export function segmentItem(segment: SegmentDescription, number: number, algorithmSource: string): DicomJson {
  const { label, description, color, coding, tracking, algorithm } = segment;
  return attributes({
    SegmentNumber: [number],
    SegmentLabel: [label],
    SegmentDescription: description === undefined ? undefined : [description],
    SegmentAlgorithmType: [algorithm.type],
    SegmentAlgorithmName: algorithm.type === 'MANUAL' ? undefined : [algorithm.name ?? UNKNOWN],
    SegmentationAlgorithmIdentificationSequence: identificationOf(algorithm, algorithmSource),
    SegmentedPropertyCategoryCodeSequence: [codeItem(coding.category)],
    SegmentedPropertyTypeCodeSequence: [
      modified(coding.type, 'SegmentedPropertyTypeModifierCodeSequence', coding.typeModifiers),
    ],
    AnatomicRegionSequence: coding.region && [
      modified(coding.region, 'AnatomicRegionModifierSequence', coding.regionModifiers),
    ],
    RecommendedDisplayCIELabValue: rgbToDicomLab(color),
    TrackingID: [tracking.id],
    TrackingUID: [tracking.uid],
  });
}

const UNKNOWN = 'unknown';

/** Nothing is said of an algorithm of which neither this server nor the file that it came from knows more than the name. */
function identificationOf(algorithm: SegmentAlgorithm, ownSource: string): DicomJson[] | undefined {
  const { type, name = UNKNOWN, version = UNKNOWN, modelSha256, identification } = algorithm;
  if (type === 'MANUAL' || (!identification && modelSha256 === undefined)) return undefined;
  const { family, source, parameters }: AlgorithmIdentification = identification ?? {
    family: ARTIFICIAL_INTELLIGENCE,
    source: ownSource,
    parameters: `model sha256 ${modelSha256 ?? ''}`,
  };
  return [
    attributes({
      AlgorithmFamilyCodeSequence: [codeItem(family)],
      AlgorithmName: [identification?.name ?? name],
      AlgorithmVersion: [version],
      AlgorithmSource: source === undefined ? undefined : [source],
      AlgorithmParameters: parameters === undefined ? undefined : [parameters],
    }),
  ];
}

const modified = (code: Code, keyword: Keyword, modifiers: readonly Code[] = []): DicomJson => ({
  ...codeItem(code),
  ...attributes({ [keyword]: modifiers.length > 0 ? modifiers.map(codeItem) : undefined }),
});
