import { AppError, type DocumentSnapshot, type SaveAnswer } from '@ohif-medsam/protocol';
import type { Archive, DicomJson, SeriesName } from '../ports/archive.ts';
import type { Clock } from '../ports/clock.ts';
import { frameCountOf, numberOf, textOf } from '../ports/dicomJson.ts';
import { attributes, tagOf, type Keyword } from './attributes.ts';
import type { buildSegmentation } from './buildSegmentation.ts';
import type { Equipment } from './instanceAttributes.ts';
import { noneIfNotFound } from './noneIfNotFound.ts';
import { partsOf, savedPart, seriesOfSize, sizeOf } from './parts.ts';
import { uidOf } from './uid.ts';

/** "Duplicate SOP Instance" (PS3.18 table I.2.2). */
const DUPLICATE = 0x0111;

export interface SavePorts {
  readonly archive: Archive;
  readonly clock: Clock;
  readonly equipment: Equipment;
  readonly write: WriteSegmentation;
}

/**
 * {@link buildSegmentation} and its encoding as a Part 10 file, Explicit VR Little Endian. Apart from the rest of a save,
 * because it is long and pure, and may happen where it keeps nobody waiting. @throws AppError as buildSegmentation does.
 */
export type WriteSegmentation = (
  ...from: Parameters<typeof buildSegmentation>
) => Promise<{ readonly file: Uint8Array; readonly frames: number }>;

export interface SaveRequest {
  readonly series: SeriesName;
  readonly document: DocumentSnapshot;
  readonly description: string;
  /** Who saves. */
  readonly creator: string;
}

/** What one object of the archive is made of: a document, or what it holds on images of one size. */
interface PartRequest extends SaveRequest {
  /** Headers of the images. */
  readonly sources: readonly DicomJson[];
  /** Headers of the series that the document was last saved into or opened from. */
  readonly revisions: readonly DicomJson[];
  /** Of another part than the first: what the first was stored as, and the series that this one belongs to. */
  readonly other?: { readonly first: SaveAnswer; readonly seriesUid: string };
}

/**
 * Writes the document as a DICOM segmentation, or as one for each size of its images, and stores it in the archive. May be
 * repeated after any failure: the SOP Instance UID follows from the content, so what had arrived after all is not stored a second
 * time; and what stands in the archive under the same description already is not stored again.
 * @throws AppError `segmentation-empty`, `source-unsupported`, `archive-unreachable`, `archive-timeout`, `archive-refused`
 *   with the archive's reason.
 */
export function saveSegmentation({ archive, clock, equipment, write }: SavePorts) {
  /** When each save that did not succeed yet was first tried: a repeated one writes the same bytes. */
  const firstTried = new Map<string, Date>();

  async function savePart(part: PartRequest, signal: AbortSignal | undefined): Promise<SaveAnswer> {
    const { series, document, description, creator, sources, revisions, other } = part;
    const { studyUid } = series;
    const { saved } = document;
    const latest = predecessorOf(revisions, document);
    const stands = await standing(archive, studyUid, document, latest, description, signal);
    if (stands) return stands;
    const meant = { ...placeOf(document, latest, equipment), ...(other && { seriesUid: other.seriesUid }) };
    const goesOn = meant.seriesUid === saved?.segSeriesUid;
    const there = goesOn ? revisions : await instancesOf(archive, { studyUid, seriesUid: meant.seriesUid }, signal);
    const first = other ? [other.first.sopInstanceUid] : [];
    const content = uidOf('content', ...contentOf(document), description, ...first);
    const { sopInstanceUid, ...place } = freePlace(meant, there, content);
    const predecessor = goesOn ? latest : (unansweredBefore(place.instanceNumber, there) ?? latest);
    const at = firstTried.get(sopInstanceUid) ?? clock.now();
    firstTried.set(sopInstanceUid, at);
    const identity = { ...place, sopInstanceUid, predecessor, firstPart: other?.first, description, creator, at };
    const { file, frames } = await write(document, sources, identity, equipment);
    const [outcome] = await archive.store(studyUid, [file], signal);
    if (outcome && !outcome.stored && outcome.reasonCode !== DUPLICATE)
      throw new AppError('archive-refused', outcome.reason);
    firstTried.delete(sopInstanceUid);
    const { seriesUid: segSeriesUid, instanceNumber } = place;
    return { revision: document.revision, segSeriesUid, sopInstanceUid, instanceNumber, bytes: file.length, frames };
  }

  /** @returns The place of the first part. */
  return async (request: SaveRequest, signal?: AbortSignal): Promise<SaveAnswer> => {
    const { series, document } = request;
    const { studyUid } = series;
    const last = document.saved;
    const [sources, revisions] = await Promise.all([
      archive.seriesMetadata(series, signal),
      last ? instancesOf(archive, { studyUid, seriesUid: last.segSeriesUid }, signal) : [],
    ]);
    const isLast = (header: DicomJson) => textOf(header, tagOf('SOPInstanceUID')) === last?.sopInstanceUid;
    const before = revisions.find(isLast) ?? revisions[0];
    const [{ cells, ...part }, ...others] = partsOf(document.cells, sources, before && sizeOf(before));
    const first = await savePart({ ...request, ...part, document: { ...document, cells }, revisions }, signal);
    const answers = [first];
    for (const { size, ...otherPart } of others) {
      const seriesUid = seriesOfSize(first.segSeriesUid, size);
      const ofSize = await instancesOf(archive, { studyUid, seriesUid }, signal);
      const saved = savedPart(last, first, ofSize);
      const of = { ...document, cells: otherPart.cells, saved };
      const there = { sources: otherPart.sources, revisions: ofSize, other: { first, seriesUid } };
      answers.push(await savePart({ ...request, document: of, ...there }, signal));
    }
    const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);
    return {
      ...first,
      bytes: sum(answers.map(({ bytes }) => bytes)),
      frames: sum(answers.map(({ frames }) => frames)),
    };
  };
}

/** Headers of all instances of a series; none if the archive does not have it. */
const instancesOf = (
  archive: Archive,
  name: SeriesName,
  signal: AbortSignal | undefined,
): Promise<readonly DicomJson[]> => archive.seriesMetadata(name, signal).catch(noneIfNotFound);

/** A series that should only begin has instances where the archive stored them and its answer was lost: the last one before a place. */
const unansweredBefore = (instanceNumber: number, instances: readonly DicomJson[]): DicomJson | undefined =>
  instances.find((header) => numberOf(header, tagOf('InstanceNumber')) === instanceNumber - 1);

/**
 * Header of the object that the document was last saved as or opened from. Where the archive does not list that one yet, a
 * sibling says what the instances of their series have in common. Without either (it was deleted) a new series begins.
 */
function predecessorOf(revisions: readonly DicomJson[], { saved }: DocumentSnapshot): DicomJson | undefined {
  if (!saved) return undefined;
  const { sopInstanceUid, instanceNumber } = saved;
  const own = revisions.find((header) => textOf(header, tagOf('SOPInstanceUID')) === sopInstanceUid);
  const [sibling] = revisions;
  return (
    own ??
    (sibling && {
      ...pick(sibling, [
        'Manufacturer',
        'ManufacturerModelName',
        'SeriesInstanceUID',
        'SeriesNumber',
        'SeriesDescription',
      ]),
      ...attributes({ SOPInstanceUID: [sopInstanceUid], InstanceNumber: [instanceNumber] }),
    })
  );
}

function pick(header: DicomJson, keywords: readonly Keyword[]): DicomJson {
  const elements = keywords.map(tagOf).flatMap((tag) => (header[tag] ? [[tag, header[tag]] as const] : []));
  return Object.fromEntries(elements);
}

/** The answer of the save before, if the archive still holds what it stored and nothing was changed or renamed since. */
async function standing(
  archive: Archive,
  studyUid: string,
  { revision, saved }: DocumentSnapshot,
  predecessor: DicomJson | undefined,
  description: string,
  signal: AbortSignal | undefined,
): Promise<SaveAnswer | undefined> {
  if (saved?.revision !== revision || !predecessor) return undefined;
  if (textOf(predecessor, tagOf('ContentDescription')) !== description) return undefined;
  const { segSeriesUid: seriesUid, sopInstanceUid } = saved;
  const file = await archive.instance({ studyUid, seriesUid, sopInstanceUid }, signal);
  return { ...saved, bytes: file.length, frames: frameCountOf(predecessor) };
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
  // Tracking UIDs are random, so no other document has this series; but they may come with a file, which can be opened again.
  const from = saved ? [saved.sopInstanceUid, String(saved.revision)] : ['', ''];
  return { seriesUid: uidOf('series', seriesUid, ...from, segments[0]?.tracking.uid ?? ''), instanceNumber: 1 };
}

/**
 * The place with the first instance number from its own on that no other instance of the series has: an older revision may have been
 * opened again. A save that is repeated finds what it stored before, and has that number again.
 */
function freePlace(
  { seriesUid, instanceNumber }: ReturnType<typeof placeOf>,
  instances: readonly DicomJson[],
  content: string,
) {
  const uids = new Map(
    instances.map((header) => [numberOf(header, tagOf('InstanceNumber')), textOf(header, tagOf('SOPInstanceUID'))]),
  );
  for (let number = instanceNumber; ; number++) {
    const sopInstanceUid = uidOf('instance', content, seriesUid, String(number));
    if ((uids.get(number) ?? sopInstanceUid) === sopInstanceUid)
      return { seriesUid, instanceNumber: number, sopInstanceUid };
  }
}

/** Everything that a save writes of a document, as text. */
const contentOf = ({ seriesUid, segments, cells }: DocumentSnapshot): string[] => [
  seriesUid,
  JSON.stringify(segments),
  ...cells.map((cell) => JSON.stringify(cell)).sort(),
];
