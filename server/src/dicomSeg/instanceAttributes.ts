import type { DicomJson } from '../ports/archive.ts';
import { numberOf, numbersOf, textOf, textsOf } from '../ports/dicomJson.ts';
import { attributes, tagOf, type Keyword } from './attributes.ts';
import { dicomTime } from './dicomTime.ts';
import { SEGMENTATION_STORAGE } from './references.ts';
import { codeItem } from './segmentItem.ts';

/** Names of the object that is to be made. */
export interface SegIdentity {
  readonly seriesUid: string;
  readonly sopInstanceUid: string;
  readonly instanceNumber: number;
  /** Header of the revision that this one follows. */
  readonly predecessor: DicomJson | undefined;
  /** Of which this one is another part; see parts.ts. */
  readonly firstPart?: { readonly segSeriesUid: string; readonly sopInstanceUid: string } | undefined;
  /** At most 64 characters; of the whole series if it is the first revision. */
  readonly description: string;
  /** Who saves. */
  readonly creator: string | undefined;
  readonly at: Date;
}

/** Which program writes (PS3.3 C.7.5.2). */
export interface Equipment {
  readonly manufacturer: string;
  readonly modelName: string;
  readonly serialNumber: string;
  readonly softwareVersion: string;
}

/** Series, equipment and what names the instance (PS3.3 C.8.20.1, C.7.5.2, C.12.1). */
export function instanceAttributes(source: DicomJson, identity: SegIdentity, equipment: Equipment): DicomJson {
  const { date, time, dateTime } = dicomTime(identity.at, textOf(source, tagOf('TimezoneOffsetFromUTC')));
  const device = attributes({
    Manufacturer: [equipment.manufacturer],
    ManufacturerModelName: [equipment.modelName],
    DeviceSerialNumber: [equipment.serialNumber],
    SoftwareVersions: [equipment.softwareVersion],
  });
  return {
    ...device,
    ...attributes({
      SpecificCharacterSet: ['ISO_IR 192'],
      SOPClassUID: [SEGMENTATION_STORAGE],
      SOPInstanceUID: [identity.sopInstanceUid],
      InstanceCreationDate: [date],
      InstanceCreationTime: [time],
      Modality: ['SEG'],
      SeriesInstanceUID: [identity.seriesUid],
      ...seriesAttributes(source, identity),
      InstanceNumber: [identity.instanceNumber],
      ContentDate: [date],
      ContentTime: [time],
      ContentLabel: ['SEGMENTATION'],
      ContentDescription: [identity.description],
      ContentCreatorName: identity.creator === undefined ? [] : [{ Alphabetic: personName(identity.creator) }],
      ContributingEquipmentSequence: [
        {
          ...device,
          ...attributes({
            PurposeOfReferenceCodeSequence: [
              codeItem({ value: '109102', scheme: 'DCM', meaning: 'Processing Equipment' }),
            ],
            ContributionDateTime: [dateTime],
            ContributionDescription: ['Segmentation from prompts by a person'],
          }),
        },
      ],
    }),
  };
}

/** What the instances of one series have in common. */
function seriesAttributes(source: DicomJson, { predecessor, seriesUid, description }: SegIdentity) {
  if (predecessor && textOf(predecessor, tagOf('SeriesInstanceUID')) === seriesUid)
    return {
      SeriesNumber: numbersOf(predecessor, tagOf('SeriesNumber')),
      SeriesDescription: textsOf(predecessor, tagOf('SeriesDescription')),
    };
  return {
    SeriesNumber: [seriesNumber(numberOf(source, tagOf('SeriesNumber')) ?? 0)],
    SeriesDescription: [description],
  };
}

/** Largest IS (PS3.5 table 6.2-1). */
const LARGEST = 2 ** 31 - 1;

/** Beside its source in a list sorted by number, and hardly ever taken. Scanners that number by date leave no room for that. */
function seriesNumber(ofSource: number): number {
  const beside = ofSource * 100 + 66;
  return Math.abs(beside) <= LARGEST ? beside : ofSource;
}

/** A name as people write it, in DICOM's order: family name first (PS3.5 section 6.2.1). A single word is taken for a given name. */
function personName(name: string): string {
  const words = name
    .replaceAll(/[\^=\\]/g, ' ')
    .trim()
    .split(/\s+/);
  return `${words.length > 1 ? (words.at(-1) ?? '') : ''}^${words.slice(0, Math.max(1, words.length - 1)).join(' ')}`;
}

/**
 * Without a Frame of Reference, which way the images lie is all there is to say, if they lie the same way (PS3.3 C.7.6.1.1.1).
 * @param segmented - Headers of the images that have a mask.
 */
export function spatialAttributes(segmented: readonly DicomJson[], frameOfReference: string | undefined): DicomJson {
  const common = (keyword: Keyword): readonly string[] => {
    const [first = [], ...others] = segmented.map((header) => textsOf(header, tagOf(keyword)));
    return others.every((other) => other.join('\\') === first.join('\\')) ? first : [];
  };
  if (frameOfReference === undefined) return attributes({ PatientOrientation: common('PatientOrientation') });
  return attributes({
    FrameOfReferenceUID: [frameOfReference],
    PositionReferenceIndicator: common('PositionReferenceIndicator'),
  });
}
