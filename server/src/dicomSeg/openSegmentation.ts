import { AppError, type SavedAs, type SeriesFrame } from '@ohif-medsam/protocol';
import type { Archive, DicomJson, SeriesName } from '../ports/archive.ts';
import { textOf } from '../ports/dicomJson.ts';
import { tagOf } from './attributes.ts';
import { noneIfNotFound } from './noneIfNotFound.ts';
import { firstPartOf, seriesOfSize, sizeOf, type SegName } from './parts.ts';
import type { ReadContent, ReadSegmentationFile } from './readSegmentation.ts';
import type { ReadSegment } from './readSegment.ts';
import { sourceFrames } from './sourceFrames.ts';

export interface OpenPorts {
  readonly archive: Archive;
  readonly read: ReadSegmentationFile;
}

export interface OpenedSegmentation extends ReadContent {
  readonly from: Omit<SavedAs, 'revision'>;
  /** All frames of the series that was segmented, as its headers in the archive say. */
  readonly frames: readonly SeriesFrame[];
}

/**
 * Reads a stored segmentation of a series, with its other parts, as the content of a document.
 * @throws AppError `segmentation-unreadable`, `dicom-invalid`, `dicom-unsupported`, `not-found`, `cancelled`, or what the
 *   archive throws.
 */
export const openSegmentation =
  ({ archive, read }: OpenPorts) =>
  async (series: SeriesName, name: SegName, signal?: AbortSignal): Promise<OpenedSegmentation> => {
    const { studyUid } = series;
    const headers = archive.seriesMetadata(series, signal);
    const readOne = async ({ segSeriesUid, sopInstanceUid }: SegName) => {
      const file = archive.instance({ studyUid, seriesUid: segSeriesUid, sopInstanceUid }, signal);
      const [bytes, sources] = await Promise.all([file, headers]);
      const { sopInstanceUid: found, instanceNumber, firstPart, ...content } = await read(bytes, sources, signal);
      if (found !== sopInstanceUid) throw new AppError('segmentation-unreadable', 'The archive sent another object.');
      return { content, firstPart, from: { segSeriesUid, sopInstanceUid, instanceNumber } };
    };

    const asked = await readOne(name);
    const sources = await headers;
    // A first part that was deleted takes nothing with it.
    const [first = asked] = asked.firstPart ? await readOne(asked.firstPart).then((one) => [one], noneIfNotFound) : [];
    const others: ReadContent[] = [];
    for (const other of await otherParts(archive, studyUid, first.from, sources, signal))
      others.push((other.sopInstanceUid === name.sopInstanceUid ? asked : await readOne(other)).content);
    return { ...joined(first.content, others), from: first.from, frames: sourceFrames(sources) };
  };

async function otherParts(
  archive: Archive,
  studyUid: string,
  first: SegName,
  sources: readonly DicomJson[],
  signal: AbortSignal | undefined,
): Promise<SegName[]> {
  const sizes = [...new Set(sources.map(sizeOf))];
  if (sizes.length < 2) return [];
  const headers = await Promise.all(
    sizes.map((size) => {
      const seriesUid = seriesOfSize(first.segSeriesUid, size);
      return archive.seriesMetadata({ studyUid, seriesUid }, signal).catch(noneIfNotFound);
    }),
  );
  return headers
    .flat()
    .filter((header) => firstPartOf(header)?.sopInstanceUid === first.sopInstanceUid)
    .map((header) => ({
      segSeriesUid: textOf(header, tagOf('SeriesInstanceUID')) ?? '',
      sopInstanceUid: textOf(header, tagOf('SOPInstanceUID')) ?? '',
    }));
}

/** Each part describes all segments; their tracking UIDs say which are the same. */
function joined(first: ReadContent, others: readonly ReadContent[]): ReadContent {
  const segments: ReadSegment[] = [...first.segments];
  const cells = [...first.cells];
  for (const other of others) {
    const ids = new Map<string, string>();
    for (const segment of other.segments) {
      const same = segments.find(({ tracking }) => tracking.uid === segment.tracking.uid);
      if (!same) segments.push(segment);
      ids.set(segment.id, (same ?? segment).id);
    }
    cells.push(...other.cells.map((cell) => ({ ...cell, segmentId: ids.get(cell.segmentId) ?? cell.segmentId })));
  }
  return { segments, cells };
}
