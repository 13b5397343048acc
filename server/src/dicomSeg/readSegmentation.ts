import { AppError, encodeRuns, union, type Cell, type FrameKey, type Runs } from '@ohif-medsam/protocol';
import type { DicomJson } from '../ports/archive.ts';
import { functionalGroup, frameCountOf, itemsOf, numberOf, textOf } from '../ports/dicomJson.ts';
import { tagOf } from './attributes.ts';
import { firstPartOf, sizeOf, type SegName } from './parts.ts';
import { unpackMask } from './pixelBits.ts';
import { LABELMAP_SEGMENTATION_STORAGE, SEGMENTATION_STORAGE } from './references.ts';
import { readSegment, type ReadSegment } from './readSegment.ts';
import { sourceFrames } from './sourceFrames.ts';
import { sourceFinder } from './sourceFinder.ts';

/** A stored segmentation object, as an adapter reads it. */
export interface StoredSegmentationFile {
  readonly header: DicomJson;
  /** The value of PixelData as it lies in an uncompressed file. */
  packedBits(): Uint8Array;
  /** Stored numbers of one frame, row-major. @param frameNumber - From 1. */
  frame(frameNumber: number): Promise<ArrayLike<number>>;
}

export interface ReadContent {
  readonly segments: readonly ReadSegment[];
  readonly cells: readonly Cell[];
}

/** Which object a file holds. */
export interface ReadFile extends ReadContent {
  readonly sopInstanceUid: string | undefined;
  readonly instanceNumber: number;
  /** Of which it is another part; see parts.ts. */
  readonly firstPart: SegName | undefined;
}

/**
 * {@link readSegmentation} of a Part 10 file. Apart from the rest of an opening, because it is long, and may happen where it keeps
 * nobody waiting. @param file - Not to be used any more. @throws AppError `dicom-invalid`, `dicom-unsupported`, and as readSegmentation does.
 */
/** @throws AppError `cancelled` by the signal, and as {@link readSegmentation}. */
export type ReadSegmentationFile = (
  file: Uint8Array,
  sources: readonly DicomJson[],
  signal?: AbortSignal,
) => Promise<ReadFile>;

/**
 * Reads a segmentation (BINARY; FRACTIONAL at half of its maximum; LABELMAP) back into segments and masks of source frames.
 * A frame belongs to the source frame that it references, and has to lie where that one lies; without a reference its
 * place alone decides.
 * @param sources - Headers of all instances of the segmented series.
 * @param uuid - Makes the ids of the segments, and tracking ids where the file has none.
 * @throws AppError `segmentation-unreadable`, saying why; nothing is guessed at.
 */
export async function readSegmentation(
  file: StoredSegmentationFile,
  sources: readonly DicomJson[],
  uuid: () => string,
): Promise<ReadFile> {
  const { header } = file;
  const frames = sourceFrames(sources.filter((source) => sizeOf(source) === sizeOf(header)));
  const size = { rows: numberOf(header, tagOf('Rows')) ?? 0, columns: numberOf(header, tagOf('Columns')) ?? 0 };
  if (frames.length === 0) throw unreadable(`Its frames are ${sizeOf(header)} pixels, the images are not.`);
  const segments = itemsOf(header, tagOf('SegmentSequence'))
    .filter((item) => numberOf(item, tagOf('SegmentNumber')) !== 0)
    .map((item) => readSegment(item, uuid));
  const ids = new Map(segments.map(({ number, id }) => [number, id]));
  const findSource = sourceFinder(header, frames);
  const masks = new Map<string, Cell>();
  for (let frame = 1; frame <= frameCountOf(header); frame++) {
    const found = await masksOfFrame(file, frame, size.rows * size.columns);
    if (found.length === 0) continue;
    const key = findSource(frame);
    for (const { segmentNumber, runs } of found) {
      const segmentId = ids.get(segmentNumber);
      if (segmentId === undefined)
        throw unreadable(`Frame ${String(frame)} belongs to segment ${String(segmentNumber)}, which is not described.`);
      add(masks, segmentId, key, runs);
    }
  }
  return {
    segments,
    cells: [...masks.values()],
    sopInstanceUid: textOf(header, tagOf('SOPInstanceUID')),
    // Other programs count from 0, or not at all.
    instanceNumber: Math.max(1, Math.trunc(numberOf(header, tagOf('InstanceNumber')) ?? 1)),
    firstPart: firstPartOf(header),
  };
}

const unreadable = (why: string) => new AppError('segmentation-unreadable', why);

function add(masks: Map<string, Cell>, segmentId: string, frame: FrameKey, runs: Runs): void {
  const name = `${segmentId} ${frame}`;
  const before = masks.get(name);
  masks.set(name, { segmentId, frame, runs: before ? union(before.runs, runs) : runs });
}

interface FoundMask {
  readonly segmentNumber: number;
  readonly runs: Runs;
}

async function masksOfFrame(file: StoredSegmentationFile, frame: number, pixels: number): Promise<FoundMask[]> {
  const { header } = file;
  const sopClass = textOf(header, tagOf('SOPClassUID'));
  if (sopClass === LABELMAP_SEGMENTATION_STORAGE) return labelsOf(await file.frame(frame));
  if (sopClass !== SEGMENTATION_STORAGE) throw unreadable('It is not a segmentation (SOP class).');
  const identification = functionalGroup(header, frame, tagOf('SegmentIdentificationSequence'));
  const segmentNumber = numberOf(identification, tagOf('ReferencedSegmentNumber'));
  if (segmentNumber === undefined) throw unreadable(`Frame ${String(frame)} names no segment.`);
  const runs = await runsOf(file, frame, pixels);
  return runs.length === 0 ? [] : [{ segmentNumber, runs }];
}

async function runsOf(file: StoredSegmentationFile, frame: number, pixels: number): Promise<Runs> {
  const type = textOf(file.header, tagOf('SegmentationType'));
  if (type === 'BINARY' && numberOf(file.header, tagOf('BitsAllocated')) === 1) {
    const bits = file.packedBits();
    if (bits.length * 8 < frame * pixels) throw unreadable(`Its pixel data ends before frame ${String(frame)}.`);
    return unpackMask(bits, frame - 1, pixels);
  }
  if (type !== 'FRACTIONAL') throw unreadable(`Its segmentation type is ${type ?? 'not given'}.`);
  const half = (numberOf(file.header, tagOf('MaximumFractionalValue')) ?? 255) / 2;
  return encodeRuns(Uint8Array.from(await file.frame(frame), (value) => (value > half ? 1 : 0)));
}

/** The mask of each number other than 0, the background. @param labels - Row-major. */
function labelsOf(labels: ArrayLike<number>): FoundMask[] {
  const masks = new Map<number, number[]>();
  for (let start = 0, end = 1; start < labels.length; start = end++) {
    const label = labels[start] ?? 0;
    while (end < labels.length && labels[end] === label) end++;
    if (label === 0) continue;
    const runs = masks.get(label);
    if (runs) runs.push(start, end - start);
    else masks.set(label, [start, end - start]);
  }
  return [...masks].map(([segmentNumber, runs]) => ({ segmentNumber, runs }));
}
