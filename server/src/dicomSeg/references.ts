import type { DicomJson } from '../ports/archive.ts';
import { textOf } from '../ports/dicomJson.ts';
import { attributes, tagOf } from './attributes.ts';
import { codeItem } from './segmentItem.ts';
import type { SourceFrame } from './sourceFrames.ts';

export const SEGMENTATION_STORAGE = '1.2.840.10008.5.1.4.1.1.66.4';
export const LABELMAP_SEGMENTATION_STORAGE = '1.2.840.10008.5.1.4.1.1.66.7';
const PREDECESSOR = { value: '121348', scheme: 'DCM', meaning: 'Temporal Predecessor' };

/**
 * Which instances were segmented, and which segmentation this one follows (PS3.3 C.12.2, C.12.4). All instances of the series
 * are named, not only those with a mask: readers then know the others for empty. Their series comes first, as viewers look there.
 * @param predecessor - Header of the segmentation that this one follows.
 */
export function references(
  all: readonly SourceFrame[],
  seriesUid: string,
  predecessor: DicomJson | undefined,
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
  if (!predecessor) return attributes({ ReferencedSeriesSequence: [source] });
  const before = reference(
    textOf(predecessor, tagOf('SOPClassUID')) ?? SEGMENTATION_STORAGE,
    textOf(predecessor, tagOf('SOPInstanceUID')) ?? '',
  );
  return attributes({
    ReferencedSeriesSequence: [source, series(textOf(predecessor, tagOf('SeriesInstanceUID')) ?? '', [before])],
    ReferencedInstanceSequence: [
      { ...before, ...attributes({ PurposeOfReferenceCodeSequence: [codeItem(PREDECESSOR)] }) },
    ],
  });
}
