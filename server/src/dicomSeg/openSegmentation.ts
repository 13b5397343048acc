import { AppError, type SavedAs } from '@ohif-medsam/protocol';
import type { Archive, SeriesName } from '../ports/archive.ts';
import type { ReadContent, ReadSegmentationFile } from './readSegmentation.ts';

export interface OpenPorts {
  readonly archive: Archive;
  readonly read: ReadSegmentationFile;
}

export interface OpenedSegmentation extends ReadContent {
  readonly from: Omit<SavedAs, 'revision'>;
}

/**
 * Reads a stored segmentation of a series as the content of a document.
 * @throws AppError `segmentation-unreadable`, `dicom-invalid`, `dicom-unsupported`, `not-found`, `cancelled`, or what the
 *   archive throws.
 */
export const openSegmentation =
  ({ archive, read }: OpenPorts) =>
  async (
    series: SeriesName,
    name: { readonly segSeriesUid: string; readonly sopInstanceUid: string },
    signal?: AbortSignal,
  ): Promise<OpenedSegmentation> => {
    const { segSeriesUid, sopInstanceUid } = name;
    const [bytes, sources] = await Promise.all([
      archive.instance({ studyUid: series.studyUid, seriesUid: segSeriesUid, sopInstanceUid }, signal),
      archive.seriesMetadata(series, signal),
    ]);
    const { sopInstanceUid: found, instanceNumber, ...content } = await read(bytes, sources, signal);
    if (found !== sopInstanceUid) throw new AppError('segmentation-unreadable', 'The archive sent another object.');
    return { ...content, from: { segSeriesUid, sopInstanceUid, instanceNumber } };
  };
