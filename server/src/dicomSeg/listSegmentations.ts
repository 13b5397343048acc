import { AppError, type StoredSegmentation } from '@ohif-medsam/protocol';
import type { Archive, DicomJson, SeriesName } from '../ports/archive.ts';
import { itemsOf, numberOf, textOf } from '../ports/dicomJson.ts';
import { tagOf } from './attributes.ts';

/** The segmentations of a series that the archive holds, newest first. */
export const listSegmentations =
  ({ archive }: { readonly archive: Archive }) =>
  async ({ studyUid, seriesUid }: SeriesName, signal?: AbortSignal): Promise<StoredSegmentation[]> => {
    const inStudy = await archive.searchSeries(studyUid, signal);
    const segSeries = inStudy
      .filter((header) => textOf(header, tagOf('Modality')) === 'SEG')
      .flatMap((header) => textOf(header, tagOf('SeriesInstanceUID')) ?? []);
    const headers = await Promise.all(
      segSeries.map((segSeriesUid) =>
        archive.seriesMetadata({ studyUid, seriesUid: segSeriesUid }, signal).catch(none),
      ),
    );
    return headers
      .flat()
      .filter((header) => references(header, seriesUid))
      .map(summary)
      .sort((a, b) => b.at.localeCompare(a.at) || b.instanceNumber - a.instanceNumber);
  };

/** A series that was deleted after the search, or that the archive lists before it can be read, hides no other one. */
function none(error: unknown): readonly DicomJson[] {
  if (error instanceof AppError && error.code === 'not-found') return [];
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
