import { AppError, type StoredSegmentation, type StoredSegmentations } from '@ohif-medsam/protocol';
import type { Archive, DicomJson, SeriesName } from '../ports/archive.ts';
import { itemsOf, numberOf, textOf } from '../ports/dicomJson.ts';
import { tagOf } from './attributes.ts';
import { firstPartOf } from './parts.ts';

/** Series whose metadata are asked for at once: those of a segmentation are megabytes. */
const AT_ONCE = 4;

/**
 * The segmentations of a series that the archive holds, newest first; those of several parts under their first, which opens all. A SEG
 * series that the archive cannot answer for hides those of others no more than one does that was deleted after the search.
 * @throws AppError `cancelled`, or what the archive throws when asked which series there are.
 */
export const listSegmentations =
  ({ archive }: { readonly archive: Archive }) =>
  async ({ studyUid, seriesUid }: SeriesName, signal?: AbortSignal): Promise<StoredSegmentations> => {
    const inStudy = await archive.searchSeries(studyUid, signal);
    const segSeries = inStudy
      .filter((header) => textOf(header, tagOf('Modality')) === 'SEG')
      .flatMap((header) => textOf(header, tagOf('SeriesInstanceUID')) ?? []);
    const headers: (readonly DicomJson[] | undefined)[] = [];
    for (let from = 0; from < segSeries.length; from += AT_ONCE) {
      const uids = segSeries.slice(from, from + AT_ONCE);
      const read = (uid: string) => archive.seriesMetadata({ studyUid, seriesUid: uid }, signal).catch(unreadable);
      headers.push(...(await Promise.all(uids.map(read))));
    }
    const found = headers.flatMap((instances) => instances ?? []).filter((header) => references(header, seriesUid));
    const uids = new Set(found.flatMap((header) => textOf(header, tagOf('SOPInstanceUID')) ?? []));
    const stored = found
      .filter((header) => !uids.has(firstPartOf(header)?.sopInstanceUid ?? ''))
      .map(summary)
      .sort((a, b) => b.at.localeCompare(a.at) || b.instanceNumber - a.instanceNumber);
    return { stored, unreadableSeries: headers.filter((instances) => instances === undefined).length };
  };

/** What is known of a series that cannot be read: nothing is in it where it was deleted, or is listed too early. */
function unreadable(error: unknown): readonly DicomJson[] | undefined {
  if (!(error instanceof AppError)) throw error;
  if (error.code === 'not-found') return [];
  if (error.code.startsWith('archive-')) return undefined;
  throw error;
}

const references = (header: DicomJson, seriesUid: string): boolean =>
  itemsOf(header, tagOf('ReferencedSeriesSequence')).some(
    (item) => textOf(item, tagOf('SeriesInstanceUID')) === seriesUid,
  );

function summary(header: DicomJson): StoredSegmentation {
  const numbers = itemsOf(header, tagOf('SegmentSequence')).map((item) => numberOf(item, tagOf('SegmentNumber')));
  return {
    segSeriesUid: textOf(header, tagOf('SeriesInstanceUID')) ?? '',
    sopInstanceUid: textOf(header, tagOf('SOPInstanceUID')) ?? '',
    description:
      textOf(header, tagOf('ContentDescription')) ?? textOf(header, tagOf('SeriesDescription')) ?? 'Segmentation',
    instanceNumber: numberOf(header, tagOf('InstanceNumber')) ?? 1,
    at: isoTime(textOf(header, tagOf('ContentDate')), textOf(header, tagOf('ContentTime'))),
    segments: numbers.filter((number) => number !== 0).length,
  };
}

/** DA and TM -> ISO 8601, as far as they go. */
function isoTime(date = '', time = ''): string {
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)/.exec(date) ?? [];
  if (year === undefined) return '';
  const [, hour = '00', minute = '00', second = '00'] = /^(\d\d)(\d\d)?(\d\d)?/.exec(time) ?? [];
  return `${year}-${month ?? ''}-${day ?? ''}T${hour}:${minute}:${second}`;
}
