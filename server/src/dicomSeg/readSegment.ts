import {
  codeSchema,
  LIMITS,
  uidSchema,
  type Code,
  type Coding,
  type Segment,
  type SegmentAlgorithm,
} from '@ohif-medsam/protocol';
import type { DicomJson } from '../ports/archive.ts';
import { itemOf, itemsOf, numberOf, numbersOf, textOf } from '../ports/dicomJson.ts';
import { tagOf, type Keyword } from './attributes.ts';
import { dicomLabToRgb } from './cielab.ts';

/** A segment as the file describes it; its review begins anew. */
export type ReadSegment = Omit<Segment, 'review'>;

/** For objects that code nothing: what every segment is, at least. */
const TISSUE: Code = { value: '85756007', scheme: 'SCT', meaning: 'Tissue' };
const GREY = [128, 128, 128] as const;

/** Longest CodeMeaning (LO, PS3.5 table 6.2-1). */
const MEANING_LENGTH = 64;

/**
 * Other programs write longer texts and other UIDs than the standard allows. What a document may not hold is shortened where it
 * stays true, and else taken for absent.
 * @param item - Of SegmentSequence.
 * @param uuid - For the id, and for tracking where the file has none.
 */
export function readSegment(item: DicomJson, uuid: () => string): ReadSegment {
  const number = numberOf(item, tagOf('SegmentNumber')) ?? 0;
  const label = plainText(item, 'SegmentLabel', LIMITS.labelLength);
  const description = longText(item, 'SegmentDescription');
  const [l, a, b] = numbersOf(item, tagOf('RecommendedDisplayCIELabValue'));
  const made = uuid();
  return {
    id: uuid(),
    number,
    label: label ?? `Segment ${String(number)}`,
    color: l === undefined || a === undefined || b === undefined ? GREY : dicomLabToRgb([l, a, b]),
    ...(description !== undefined && { description }),
    coding: codingOf(item),
    tracking: {
      id: textOf(item, tagOf('TrackingID')) ?? made,
      uid: validUid(item, 'TrackingUID') ?? `2.25.${BigInt(`0x${made.replaceAll('-', '')}`).toString()}`,
    },
    algorithm: algorithmOf(item),
  };
}

function codingOf(item: DicomJson): Coding {
  const [type] = codesOf(item, 'SegmentedPropertyTypeCodeSequence');
  const [region] = codesOf(item, 'AnatomicRegionSequence');
  const modifiersOf = (of: Keyword, keyword: Keyword) =>
    codesOf(itemOf(item, tagOf(of)), keyword).slice(0, LIMITS.modifiers);
  const typeModifiers = modifiersOf('SegmentedPropertyTypeCodeSequence', 'SegmentedPropertyTypeModifierCodeSequence');
  const regionModifiers = modifiersOf('AnatomicRegionSequence', 'AnatomicRegionModifierSequence');
  return {
    category: codesOf(item, 'SegmentedPropertyCategoryCodeSequence')[0] ?? TISSUE,
    type: type ?? TISSUE,
    ...(type && typeModifiers.length > 0 && { typeModifiers }),
    ...(region && { region }),
    ...(region && regionModifiers.length > 0 && { regionModifiers }),
  };
}

/** The codes of a sequence that a document can hold. */
const codesOf = (item: DicomJson, sequence: Keyword): Code[] =>
  itemsOf(item, tagOf(sequence)).flatMap((code) => {
    const parsed = codeSchema.safeParse({
      value: textOf(code, tagOf('CodeValue')),
      scheme: textOf(code, tagOf('CodingSchemeDesignator')),
      // A meaning is for reading only: its beginning says as much. A shortened value would be another code.
      meaning: plainText(code, 'CodeMeaning', MEANING_LENGTH),
    });
    return parsed.success ? [parsed.data] : [];
  });

function plainText(item: DicomJson, keyword: Keyword, length: number): string | undefined {
  const text = (textOf(item, tagOf(keyword)) ?? '').replaceAll(/\p{Cc}/gu, ' ').trim();
  return text === '' ? undefined : text.slice(0, length);
}

function validUid(item: DicomJson, keyword: Keyword): string | undefined {
  const parsed = uidSchema.safeParse(textOf(item, tagOf(keyword)));
  return parsed.success ? parsed.data : undefined;
}

/** ST and LT may have lines, but no value is longer (PS3.5 table 6.2-1). */
const LONG_TEXT = { SegmentDescription: 1024, AlgorithmParameters: 10_240 } as const;
const longText = (item: DicomJson, keyword: keyof typeof LONG_TEXT): string | undefined =>
  textOf(item, tagOf(keyword))?.slice(0, LONG_TEXT[keyword]);

function algorithmOf(item: DicomJson): SegmentAlgorithm {
  const type = textOf(item, tagOf('SegmentAlgorithmType'));
  if (type === 'MANUAL') return { type };
  const sequence = itemOf(item, tagOf('SegmentationAlgorithmIdentificationSequence'));
  const name = textOf(item, tagOf('SegmentAlgorithmName'));
  const version = textOf(sequence, tagOf('AlgorithmVersion'));
  const [family] = codesOf(sequence, 'AlgorithmFamilyCodeSequence');
  const identifiedName = textOf(sequence, tagOf('AlgorithmName'));
  const source = textOf(sequence, tagOf('AlgorithmSource'));
  const parameters = longText(sequence, 'AlgorithmParameters');
  const [, modelSha256] = /^model sha256 ([0-9a-f]{64})$/.exec(parameters ?? '') ?? [];
  const identification = family && {
    family,
    ...(identifiedName !== undefined && { name: identifiedName }),
    ...(source !== undefined && { source }),
    ...(parameters !== undefined && { parameters }),
  };
  return {
    type: type === 'AUTOMATIC' ? type : 'SEMIAUTOMATIC',
    ...(name !== undefined && { name }),
    ...(version !== undefined && { version }),
    ...(modelSha256 !== undefined && { modelSha256 }),
    ...(identification && { identification }),
  };
}
