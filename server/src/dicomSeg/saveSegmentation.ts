import { AppError, type DocumentSnapshot, type SaveAnswer } from '@ohif-medsam/protocol';
import type { Archive, DicomJson, SeriesName } from '../ports/archive.ts';
import type { Clock } from '../ports/clock.ts';
import { numberOf, textOf } from '../ports/dicomJson.ts';
import { tagOf } from './attributes.ts';
import { buildSegmentation } from './buildSegmentation.ts';
import type { Equipment } from './instanceAttributes.ts';
import { uidOf } from './uid.ts';

/** "Duplicate SOP Instance" (PS3.18 table I.2.2). */
const DUPLICATE = 0x0111;

export interface SavePorts {
  readonly archive: Archive;
  readonly clock: Clock;
  readonly equipment: Equipment;
  /** Writes a Part 10 file, Explicit VR Little Endian. */
  readonly encode: (header: DicomJson, pixelData: Uint8Array) => Uint8Array;
}

export interface SaveRequest {
  readonly series: SeriesName;
  readonly document: DocumentSnapshot;
  readonly description: string;
  /** Who saves. */
  readonly creator: string;
}

/**
 * Writes the document as a DICOM segmentation and stores it in the archive. May be repeated after any failure: the SOP
 * Instance UID follows from the content, so what had arrived after all is not stored a second time.
 * @throws AppError `segmentation-empty`, `source-unsupported`, `archive-unreachable`, `archive-timeout`, `archive-refused`
 *   with the archive's reason.
 */
export function saveSegmentation({ archive, clock, equipment, encode }: SavePorts) {
  /** When each save that did not succeed yet was first tried: a repeated one writes the same bytes. */
  const firstTried = new Map<string, Date>();

  return async ({ series, document, description, creator }: SaveRequest, signal?: AbortSignal): Promise<SaveAnswer> => {
    const sources = await archive.seriesMetadata(series, signal);
    const predecessor = await predecessorOf(archive, series.studyUid, document, signal);
    const place = placeOf(document, predecessor, equipment);
    const sopInstanceUid = uidOf('instance', ...contentOf(document), description, JSON.stringify(place));
    const at = firstTried.get(sopInstanceUid) ?? clock.now();
    firstTried.set(sopInstanceUid, at);
    const identity = { ...place, sopInstanceUid, predecessor, description, creator, at };
    const { header, pixelData, frames } = buildSegmentation(document, sources, identity, equipment);
    const file = encode(header, pixelData);
    const [outcome] = await archive.store(series.studyUid, [file], signal);
    if (outcome && !outcome.stored && outcome.reasonCode !== DUPLICATE)
      throw new AppError('archive-refused', outcome.reason);
    firstTried.delete(sopInstanceUid);
    const { seriesUid: segSeriesUid, instanceNumber } = place;
    return { revision: document.revision, segSeriesUid, sopInstanceUid, instanceNumber, bytes: file.length, frames };
  };
}

/** Header of the object that the document was last saved as or opened from. */
async function predecessorOf(
  archive: Archive,
  studyUid: string,
  { saved }: DocumentSnapshot,
  signal: AbortSignal | undefined,
): Promise<DicomJson | undefined> {
  if (!saved) return undefined;
  const revisions = await archive.seriesMetadata({ studyUid, seriesUid: saved.segSeriesUid }, signal);
  return revisions.find((header) => textOf(header, tagOf('SOPInstanceUID')) === saved.sopInstanceUid);
}

/**
 * A revision goes into the series of its predecessor, unless another program made that one: all instances of a series come
 * from the same equipment (PS3.3 A.1.2.5).
 */
function placeOf({ saved, seriesUid, segments }: DocumentSnapshot, predecessor: DicomJson | undefined, own: Equipment) {
  const isOwn =
    predecessor !== undefined &&
    textOf(predecessor, tagOf('Manufacturer')) === own.manufacturer &&
    textOf(predecessor, tagOf('ManufacturerModelName')) === own.modelName;
  if (saved && isOwn)
    return {
      seriesUid: saved.segSeriesUid,
      instanceNumber: (numberOf(predecessor, tagOf('InstanceNumber')) ?? saved.instanceNumber) + 1,
    };
  // Tracking UIDs are random, so no other document has this series.
  return {
    seriesUid: uidOf('series', seriesUid, saved?.sopInstanceUid ?? '', segments[0]?.tracking.uid ?? ''),
    instanceNumber: 1,
  };
}

/** Everything that a save writes of a document, as text. */
const contentOf = ({ seriesUid, segments, cells }: DocumentSnapshot): string[] => [
  seriesUid,
  JSON.stringify(segments),
  ...cells.map((cell) => JSON.stringify(cell)).sort(),
];
