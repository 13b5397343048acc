import { AppError, type SavedAs } from '@ohif-medsam/protocol';
import type { Archive, SeriesName } from '../ports/archive.ts';
import { numberOf, textOf } from '../ports/dicomJson.ts';
import { tagOf } from './attributes.ts';
import { readSegmentation, type ReadContent, type StoredSegmentationFile } from './readSegmentation.ts';

export interface OpenPorts {
  readonly archive: Archive;
  /** Reads a Part 10 file. @throws AppError `dicom-invalid` */
  readonly decode: (file: Uint8Array) => StoredSegmentationFile;
  /** A fresh random UUID; each call another. */
  readonly uuid: () => string;
}

export interface OpenedSegmentation extends ReadContent {
  readonly from: Omit<SavedAs, 'revision'>;
}

/**
 * Reads a stored segmentation of a series as the content of a document.
 * @throws AppError `segmentation-unreadable`, `dicom-invalid`, `not-found`, or what the archive throws.
 */
export const openSegmentation =
  ({ archive, decode, uuid }: OpenPorts) =>
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
    const file = decode(bytes);
    if (textOf(file.header, tagOf('SOPInstanceUID')) !== sopInstanceUid)
      throw new AppError('segmentation-unreadable', 'The archive sent another object.');
    const content = await readSegmentation(file, sources, uuid);
    // Other programs count from 0, or not at all.
    const instanceNumber = Math.max(1, Math.trunc(numberOf(file.header, tagOf('InstanceNumber')) ?? 1));
    return { ...content, from: { segSeriesUid, sopInstanceUid, instanceNumber } };
  };
