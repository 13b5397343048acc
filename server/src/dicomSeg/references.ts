import type { DicomJson } from '../ports/archive.ts';
import { textOf } from '../ports/dicomJson.ts';
import { attributes, tagOf } from './attributes.ts';
import { codeItem } from './segmentItem.ts';
import type { SourceFrame } from './sourceFrames.ts';

export const SEGMENTATION_STORAGE = '1.2.840.10008.5.1.4.1.1.66.4';
export const LABELMAP_SEGMENTATION_STORAGE = '1.2.840.10008.5.1.4.1.1.66.7';
/** Which what another object holds completes; see parts.ts. */
export const OTHER_PART = { value: '121313', scheme: 'DCM', meaning: 'Other partial views' };
const PREDECESSOR = { value: '121348', scheme: 'DCM', meaning: 'Temporal Predecessor' };

/**
 * Which instances were segmented, and which segmentations this one follows or is a part of (PS3.3 C.12.2, C.12.4). All instances of the series
 * are named, not only those with a mask: readers then know the others for empty. Their series comes first, as viewers look there.
 * @param predecessor - Header of the segmentation that this one follows.
 * @param firstPart - Of which this one is another part.
 */
export function references(
  all: readonly SourceFrame[],
  seriesUid: string,
  predecessor: DicomJson | undefined,
  firstPart: { readonly segSeriesUid: string; readonly sopInstanceUid: string } | undefined,
): DicomJson {
  const instances = new Map(all.map(({ sopInstanceUid, sopClassUid }) => [sopInstanceUid, sopClassUid]));
  const reference = (sopClass: string, uid: string) =>
    attributes({ ReferencedSOPClassUID: [sopClass], ReferencedSOPInstanceUID: [uid] });
  const series = (uid: string, items: readonly DicomJson[]) =>
    attributes({ ReferencedInstanceSequence: items, SeriesInstanceUID: [uid] });
  const source = series(
    seriesUid,
    [...instances].map(([uid, sopClass]) => reference(sopClass, uid)),
  );
  const related: { readonly seriesUid: string; readonly item: DicomJson; readonly purpose: typeof PREDECESSOR }[] = [];
  if (predecessor)
    related.push({
      seriesUid: textOf(predecessor, tagOf('SeriesInstanceUID')) ?? '',
      item: reference(
        textOf(predecessor, tagOf('SOPClassUID')) ?? SEGMENTATION_STORAGE,
        textOf(predecessor, tagOf('SOPInstanceUID')) ?? '',
      ),
      purpose: PREDECESSOR,
    });
  if (firstPart)
    related.push({
      seriesUid: firstPart.segSeriesUid,
      item: reference(SEGMENTATION_STORAGE, firstPart.sopInstanceUid),
      purpose: OTHER_PART,
    });
  return attributes({
    ReferencedSeriesSequence: [source, ...related.map(({ seriesUid: uid, item }) => series(uid, [item]))],
    ReferencedInstanceSequence:
      related.length === 0
        ? undefined
        : related.map(({ item, purpose }) => ({
            ...item,
            ...attributes({ PurposeOfReferenceCodeSequence: [codeItem(purpose)] }),
          })),
  });
}
