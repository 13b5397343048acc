import type { DicomJson } from '../ports/archive.ts';
import { attributes } from './attributes.ts';
import { codeItem } from './segmentItem.ts';
import type { SourceFrame } from './sourceFrames.ts';

export const SEGMENTATION_STORAGE = '1.2.840.10008.5.1.4.1.1.66.4';
export const LABELMAP_SEGMENTATION_STORAGE = '1.2.840.10008.5.1.4.1.1.66.7';

/**
 * Which instances were segmented, and which segmentation this one follows (PS3.3 C.12.2, C.12.4). All instances of the series
 * are named, not only those with a mask: readers then know the others for empty.
 */
export function references(
  all: readonly SourceFrame[],
  seriesUid: string,
  predecessorUid: string | undefined,
): DicomJson {
  const instances = new Map(all.map(({ sopInstanceUid, sopClassUid }) => [sopInstanceUid, sopClassUid]));
  const reference = (sopClass: string, uid: string) =>
    attributes({ ReferencedSOPClassUID: [sopClass], ReferencedSOPInstanceUID: [uid] });
  return attributes({
    ReferencedSeriesSequence: [
      attributes({
        ReferencedInstanceSequence: [...instances].map(([uid, sopClass]) => reference(sopClass, uid)),
        SeriesInstanceUID: [seriesUid],
      }),
    ],
    ReferencedInstanceSequence:
      predecessorUid === undefined
        ? undefined
        : [
            {
              ...reference(SEGMENTATION_STORAGE, predecessorUid),
              ...attributes({
                PurposeOfReferenceCodeSequence: [
                  codeItem({ value: '121348', scheme: 'DCM', meaning: 'Temporal Predecessor' }),
                ],
              }),
            },
          ],
  });
}
