import { AppError, parseFrameKey, type Cell, type SavedAs } from '@ohif-medsam/protocol';
import type { DicomJson } from '../ports/archive.ts';
import { itemOf, itemsOf, numberOf, textOf } from '../ports/dicomJson.ts';
import { tagOf } from './attributes.ts';
import { OTHER_PART, SEGMENTATION_STORAGE } from './references.ts';
import { uidOf } from './uid.ts';

/*
 * Images of one series may differ in size, frames of one segmentation may not. So what a document holds on images of several sizes
 * becomes one object for each: its first part, as which the document is saved, and others that name the first. Each is in a series of
 * its own, as viewers show one object of a series; that of another part follows from the series of the first.
 */

/** A segmentation in the archive. */
export interface SegName {
  readonly segSeriesUid: string;
  readonly sopInstanceUid: string;
}

/** What a document holds on images of one size, and the headers of all images of that size. */
export interface Part {
  readonly size: string;
  readonly cells: readonly Cell[];
  readonly sources: readonly DicomJson[];
}

/** Columns x rows of an image, or of a segmentation's frames. */
export const sizeOf = (header: DicomJson): string =>
  [tagOf('Columns'), tagOf('Rows')].map((side) => String(numberOf(header, side) ?? 0)).join(' x ');

/** The series of the part on images of another size than the first. */
export const seriesOfSize = (firstSeriesUid: string, size: string): string => uidOf('series', firstSeriesUid, size);

/**
 * @param sources - Headers of all instances of the segmented series.
 * @param first - Size of the part that comes first if there is one of it.
 * @throws AppError `source-unsupported` if a mask's image is not in the series.
 */
export function partsOf(
  cells: readonly Cell[],
  sources: readonly DicomJson[],
  first: string | undefined,
): readonly [Part, ...Part[]] {
  const sizes = new Map(sources.map((header) => [textOf(header, tagOf('SOPInstanceUID')), sizeOf(header)]));
  const bySize = new Map<string, Cell[]>();
  for (const cell of cells) {
    const size = sizes.get(parseFrameKey(cell.frame).sopInstanceUid);
    if (size === undefined)
      throw new AppError('source-unsupported', `Frame ${cell.frame} is not in the archive's series.`);
    bySize.set(size, [...(bySize.get(size) ?? []), cell]);
  }
  const rank = (size: string) => (size === first ? '' : size);
  const [one = '', ...others] = [...bySize.keys()].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  const partOf = (size: string): Part => ({
    size,
    cells: bySize.get(size) ?? [],
    sources: sources.filter((header) => sizeOf(header) === size),
  });
  return [partOf(one), ...others.map(partOf)];
}

/** The first part that the header of another part names. */
export function firstPartOf(header: DicomJson): SegName | undefined {
  const reference = itemsOf(header, tagOf('ReferencedInstanceSequence')).find(
    (item) =>
      textOf(itemOf(item, tagOf('PurposeOfReferenceCodeSequence')), tagOf('CodeValue')) === OTHER_PART.value &&
      textOf(item, tagOf('ReferencedSOPClassUID')) === SEGMENTATION_STORAGE,
  );
  const sopInstanceUid = reference && textOf(reference, tagOf('ReferencedSOPInstanceUID'));
  if (sopInstanceUid === undefined) return undefined;
  const named = itemsOf(header, tagOf('ReferencedSeriesSequence')).find((series) =>
    itemsOf(series, tagOf('ReferencedInstanceSequence')).some(
      (item) => textOf(item, tagOf('ReferencedSOPInstanceUID')) === sopInstanceUid,
    ),
  );
  const segSeriesUid = textOf(named ?? {}, tagOf('SeriesInstanceUID')) ?? '';
  // Of another program's the reference may mean something else.
  const isOwn = textOf(header, tagOf('SeriesInstanceUID')) === seriesOfSize(segSeriesUid, sizeOf(header));
  return isOwn ? { segSeriesUid, sopInstanceUid } : undefined;
}

/**
 * What another part was last saved as: beside the first that its document was saved as, or else the newest of its series.
 * @param first - What the first part is saved as now.
 * @param revisions - Headers of the series of the other part.
 */
export function savedPart(saved: SavedAs | null, first: SegName, revisions: readonly DicomJson[]): SavedAs | null {
  const numberIn = (header: DicomJson) => numberOf(header, tagOf('InstanceNumber')) ?? 1;
  const isBeside = (name: SegName | null) => (header: DicomJson) =>
    name !== null && firstPartOf(header)?.sopInstanceUid === name.sopInstanceUid;
  const [newest] = revisions.filter((header) => !isBeside(first)(header)).sort((a, b) => numberIn(b) - numberIn(a));
  const before = revisions.find(isBeside(saved)) ?? newest;
  if (!before) return null;
  return {
    // Beside another first, it is not what is to be stored.
    revision: saved && isBeside(first)(before) ? saved.revision : 0,
    segSeriesUid: textOf(before, tagOf('SeriesInstanceUID')) ?? '',
    sopInstanceUid: textOf(before, tagOf('SOPInstanceUID')) ?? '',
    instanceNumber: numberIn(before),
  };
}
