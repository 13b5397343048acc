import { codeSchema, LIMITS, uidSchema, type Code, type Segment, type SegmentAlgorithm } from '@ohif-medsam/protocol';
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
  const type = codeOf(item, 'SegmentedPropertyTypeCodeSequence') ?? TISSUE;
  const region = codeOf(item, 'AnatomicRegionSequence');
  const [l, a, b] = numbersOf(item, tagOf('RecommendedDisplayCIELabValue'));
  const made = uuid();
  return {
    id: uuid(),
    number,
    label: label ?? `Segment ${String(number)}`,
    color: l === undefined || a === undefined || b === undefined ? GREY : dicomLabToRgb([l, a, b]),
    coding: {
      category: codeOf(item, 'SegmentedPropertyCategoryCodeSequence') ?? TISSUE,
      type,
      ...(region && { region }),
    },
    tracking: {
      id: textOf(item, tagOf('TrackingID')) ?? made,
      uid: validUid(item, 'TrackingUID') ?? `2.25.${BigInt(`0x${made.replaceAll('-', '')}`).toString()}`,
    },
    algorithm: algorithmOf(item),
  };
}

function codeOf(item: DicomJson, sequence: Keyword): Code | undefined {
  const code = itemOf(item, tagOf(sequence));
  const parsed = codeSchema.safeParse({
    value: textOf(code, tagOf('CodeValue')),
    scheme: textOf(code, tagOf('CodingSchemeDesignator')),
    // A meaning is for reading only: its beginning says as much. A shortened value would be another code.
    meaning: plainText(code, 'CodeMeaning', MEANING_LENGTH),
  });
  return parsed.success ? parsed.data : undefined;
}

function plainText(item: DicomJson, keyword: Keyword, length: number): string | undefined {
  const text = (textOf(item, tagOf(keyword)) ?? '').replaceAll(/\p{Cc}/gu, ' ').trim();
  return text === '' ? undefined : text.slice(0, length);
}

function validUid(item: DicomJson, keyword: Keyword): string | undefined {
  const parsed = uidSchema.safeParse(textOf(item, tagOf(keyword)));
  return parsed.success ? parsed.data : undefined;
}

function algorithmOf(item: DicomJson): SegmentAlgorithm {
  if (textOf(item, tagOf('SegmentAlgorithmType')) === 'MANUAL') return { type: 'MANUAL' };
  const identification = itemsOf(item, tagOf('SegmentationAlgorithmIdentificationSequence'))[0] ?? {};
  const name = textOf(item, tagOf('SegmentAlgorithmName'));
  const version = textOf(identification, tagOf('AlgorithmVersion'));
  const [, modelSha256] =
    /\bsha256 ([0-9a-f]{64})\b/.exec(textOf(identification, tagOf('AlgorithmParameters')) ?? '') ?? [];
  return {
    type: 'SEMIAUTOMATIC',
    ...(name !== undefined && { name }),
    ...(version !== undefined && { version }),
    ...(modelSha256 !== undefined && { modelSha256 }),
  };
}
