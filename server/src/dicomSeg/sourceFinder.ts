import { AppError, type FrameKey } from '@ohif-medsam/protocol';
import type { DicomJson } from '../ports/archive.ts';
import { functionalGroup, itemsOf, numbersOf, textOf } from '../ports/dicomJson.ts';
import { tagOf } from './attributes.ts';
import type { SourceFrame } from './sourceFrames.ts';

/** Writers round positions and directions differently; a neighbouring slice is further away than this. */
const SAME_PLACE_MM = 0.1;
const SAME_DIRECTION = 1e-3;

/**
 * Finds the source frame of each frame of a segmentation.
 * @throws AppError `segmentation-unreadable` from the answer, if a frame references nothing in the series and lies nowhere in
 *   it, or lies elsewhere than the image that it references: there are writers that store positions in reverse order, and
 *   then neither can be believed.
 */
export function sourceFinder(header: DicomJson, sources: readonly SourceFrame[]): (frame: number) => FrameKey {
  const byInstance = new Map<string, SourceFrame[]>();
  for (const source of sources) {
    const instance = byInstance.get(source.sopInstanceUid);
    if (instance) instance.push(source);
    else byInstance.set(source.sopInstanceUid, [source]);
  }
  return (frame) => {
    const referenced = referencesOf(header, frame).flatMap(({ sopInstanceUid, frameNumbers }) => {
      const instance = byInstance.get(sopInstanceUid) ?? [];
      return frameNumbers.length > 0 ? instance.filter((f) => frameNumbers.includes(f.frameNumber)) : instance;
    });
    const place = placeOf(header, frame);
    const [only] = referenced;
    if (!place) {
      if (only && referenced.length === 1) return only.key;
      throw unreadable(frame, 'has no place and does not reference one image of this series');
    }
    const here = (source: SourceFrame) => liesAt(source, place);
    const [found, another] = referenced.length > 0 ? [referenced.find(here)] : sources.filter(here);
    if (another) throw unreadable(frame, 'references no image, and several of this series lie there');
    if (found) return found.key;
    // Images without geometry cannot contradict what the segmentation says of its own.
    if (only && referenced.length === 1 && !only.position) return only.key;
    throw unreadable(
      frame,
      only ? 'lies elsewhere than the image that it references' : 'lies on no image of this series',
    );
  };
}

const unreadable = (frame: number, why: string) =>
  new AppError('segmentation-unreadable', `Frame ${String(frame)} ${why}.`);

interface Reference {
  readonly sopInstanceUid: string;
  /** None where all frames of the instance are meant (PS3.3 table 10-3). */
  readonly frameNumbers: readonly number[];
}

/** What DerivationImageSequence names. */
function referencesOf(header: DicomJson, frame: number): Reference[] {
  const derivation = functionalGroup(header, frame, tagOf('DerivationImageSequence'));
  return itemsOf(derivation, tagOf('SourceImageSequence')).flatMap((image) => {
    const sopInstanceUid = textOf(image, tagOf('ReferencedSOPInstanceUID'));
    const frameNumbers = numbersOf(image, tagOf('ReferencedFrameNumber'));
    return sopInstanceUid === undefined ? [] : [{ sopInstanceUid, frameNumbers }];
  });
}

interface Place {
  readonly position: readonly number[];
  readonly orientation: readonly number[];
  readonly spacing: readonly number[];
}

function placeOf(header: DicomJson, frame: number): Place | undefined {
  const position = numbersOf(
    functionalGroup(header, frame, tagOf('PlanePositionSequence')),
    tagOf('ImagePositionPatient'),
  );
  const orientation = numbersOf(
    functionalGroup(header, frame, tagOf('PlaneOrientationSequence')),
    tagOf('ImageOrientationPatient'),
  );
  const spacing = numbersOf(functionalGroup(header, frame, tagOf('PixelMeasuresSequence')), tagOf('PixelSpacing'));
  return position.length === 3 && orientation.length === 6 ? { position, orientation, spacing } : undefined;
}

function liesAt(source: SourceFrame, { position, orientation, spacing }: Place): boolean {
  const near = (a: readonly number[] | undefined, b: readonly number[], tolerance: number) =>
    a !== undefined && a.every((value, at) => Math.abs(value - (b[at] ?? NaN)) < tolerance);
  return (
    near(source.position, position, SAME_PLACE_MM) &&
    near(source.orientation, orientation, SAME_DIRECTION) &&
    (spacing.length === 0 || near(source.pixelSpacing, spacing, SAME_DIRECTION))
  );
}
