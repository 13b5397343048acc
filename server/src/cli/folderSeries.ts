import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AppError, areParallel, frameNormal, parseFrameKey, type FrameKey } from '@ohif-medsam/protocol';
import { readFrame } from '../adapters/dicom/decodeFrame.ts';
import type { FolderInstance } from '../adapters/dicom/readFolder.ts';
import { readPart10 } from '../adapters/dicom/readPart10.ts';
import { sourceFrames } from '../dicomSeg/index.ts';
import type { DicomJson } from '../ports/archive.ts';
import { numberOf, textOf } from '../ports/dicomJson.ts';
import type { Slice } from '../ports/sliceStore.ts';
import { imagesAround, joinSeries, type OpenSeries } from '../series/openSeries.ts';

/** The images of one size of a series in a folder, as a viewer would announce them. */
export interface FolderSeries {
  readonly series: OpenSeries;
  readonly headers: readonly DicomJson[];
  /** Decodes the pixels of a frame. @throws AppError `dicom-invalid`, `dicom-unsupported` */
  readonly slice: (frame: FrameKey) => Promise<Slice>;
}

/**
 * The images of an instance's series that have its size.
 * @throws AppError `input-invalid` if the folder has no such instance, `series-mixed` if its images do not form one stack.
 */
export function seriesOfInstance(instances: readonly FolderInstance[], sopInstanceUid: string): FolderSeries {
  const asked = instances.find(({ header }) => textOf(header, '00080018') === sopInstanceUid);
  if (!asked)
    throw new AppError('input-invalid', `None of the ${String(instances.length)} images is ${sopInstanceUid}.`);
  const seriesUid = textOf(asked.header, '0020000E') ?? '';
  const isAlike = ({ header }: FolderInstance) =>
    textOf(header, '0020000E') === seriesUid &&
    ['00280010', '00280011'].every((side) => numberOf(header, side) === numberOf(asked.header, side));
  const members = instances.filter(isAlike);
  const studies = new Set(members.map(({ header }) => textOf(header, '0020000D')));
  if (studies.size > 1) throw new AppError('series-mixed', 'They belong to several studies.');
  const headers = members.map(({ header }) => header);
  const bodyPart = textOf(asked.header, '00180015');
  const whole = joinSeries(undefined, {
    studyUid: textOf(asked.header, '0020000D') ?? '',
    seriesUid,
    modality: textOf(asked.header, '00080060') ?? 'OT',
    ...(bodyPart !== undefined && { bodyPart }),
    frames: sourceFrames(headers),
  });
  const series = imagesAround(whole, undefined);
  const [first, ...others] = series.frames.filter(frameNormal);
  if (first && others.some((frame) => !areParallel(frame, first)))
    throw new AppError('series-mixed', 'They lie in different directions.');
  const paths = new Map(members.map(({ header, path }) => [textOf(header, '00080018'), path]));
  return {
    series,
    headers,
    slice: (frame) => readSlice(seriesUid, frame, paths.get(parseFrameKey(frame).sopInstanceUid) ?? ''),
  };
}

async function readSlice(seriesUid: string, frame: FrameKey, path: string): Promise<Slice> {
  const decoded = await readFrame(readPart10(await readFile(path)), parseFrameKey(frame).frameNumber);
  const { pixels } = decoded;
  const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const hash = createHash('sha256').update(bytes).digest('hex');
  return { ...decoded, seriesUid, plane: { axis: 'k', frame }, hash };
}
