import { boxOfRuns, encodeRuns, growBox, type Box } from '@ohif-medsam/protocol';
import { PHANTOM_LABELS, type PhantomStructure } from '@ohif-medsam/server/demo/labels';
import { PHANTOM_SLICES, phantomLabels } from '@ohif-medsam/server/demo/phantomSlice';
import { phantomFile, PHANTOM_SERIES, phantomSopInstanceUid } from '@ohif-medsam/server/demo/phantomStudy';

const COLUMNS = 512;
const MARGIN_PIXELS = 4;
/** A slice of the demo study in which kidneys, spleen, liver, aorta and spine all stand. */
export const MIDDLE = 30;
export const MIDDLE_INSTANCE = phantomSopInstanceUid(MIDDLE);

/** A box such as a reader draws: a few pixels around the structure. */
export function boxAround(structure: PhantomStructure, index: number): Box {
  const mask = phantomLabels(index).map((label) => (label === PHANTOM_LABELS[structure] ? 1 : 0));
  const box = boxOfRuns(encodeRuns(mask), COLUMNS);
  if (!box) throw new Error(`no ${structure} in slice ${String(index)}`);
  return growBox(box, MARGIN_PIXELS);
}

/** Position of a SOP instance in the phantom, from the feet on. */
export const phantomIndexOf = (sopInstanceUid: string): number =>
  Array.from({ length: PHANTOM_SLICES }, (_, index) => phantomSopInstanceUid(index)).indexOf(sopInstanceUid);

/** Dice of pixels of one slice with the ground truth there. */
export function diceIn(index: number, pixels: readonly number[], structure: PhantomStructure): number {
  const labels = phantomLabels(index);
  const truth = labels.reduce((sum, label) => sum + Number(label === PHANTOM_LABELS[structure]), 0);
  const both = pixels.filter((at) => labels[at] === PHANTOM_LABELS[structure]).length;
  return (2 * both) / (truth + pixels.length);
}

/**
 * Overlap of a stored segment with the ground truth of structures, over all slices (Dice 1945).
 * @param stored - Mask of each SOP instance, one byte per pixel, row-major.
 */
export function dice(stored: ReadonlyMap<string, Uint8Array>, structures: readonly PhantomStructure[]): number {
  const wanted = new Set<number>(structures.map((structure) => PHANTOM_LABELS[structure]));
  let [both, sum] = [0, 0];
  for (let index = 0; index < PHANTOM_SLICES; index++) {
    const mask = stored.get(phantomSopInstanceUid(index));
    for (const [at, label] of phantomLabels(index).entries()) {
      const [truth, found] = [wanted.has(label), mask?.[at] === 1];
      both += Number(truth && found);
      sum += Number(truth) + Number(found);
    }
  }
  return (2 * both) / sum;
}

/** The name of {@link secondSeries} in the list of the study. */
const SECOND_SERIES = 'Second series';
const FIRST_SERIES = 'Torso, portal venous phase, 3.75 mm';

/** Files of another series of the demo study, with the same anatomy, of the slices `from` to `to` (exclusive). */
export function secondSeries(from: number, to: number): Uint8Array[] {
  const other = (uid: string) => `${uid.slice(0, -1)}${String((Number(uid.slice(-1)) + 1) % 10)}`;
  return Array.from({ length: to - from }, (_, n) => {
    const names = [
      [FIRST_SERIES, SECOND_SERIES.padEnd(FIRST_SERIES.length)],
      ...[PHANTOM_SERIES.seriesUid, phantomSopInstanceUid(from + n)].map((uid) => [uid, other(uid)] as const),
    ] as const;
    // Of the same length, so that the file stays one.
    const renamed = names.reduce(
      (file, [name, now]) => file.replaceAll(name, now),
      Buffer.from(phantomFile(from + n)).toString('latin1'),
    );
    return Buffer.from(renamed, 'latin1');
  });
}
