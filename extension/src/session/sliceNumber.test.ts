import type { SeriesFrame } from '@ohif-medsam/protocol';
import { describe, expect, it } from 'vitest';
import { sliceNumbers } from './sliceNumber.ts';

type Orientation = NonNullable<SeriesFrame['orientation']>;

/** Of two frames, geometrically the first and the second, of which the viewer has the second before the first. */
function numbersOf(orientation?: Orientation, { inVolume = false, stepMm = 0 } = {}) {
  const frames = [1, 2].map((n): SeriesFrame => ({
    sopInstanceUid: `1.${String(n)}`,
    sopClassUid: '1.2',
    frameNumber: 1,
    rows: 20,
    columns: 30,
    ...(orientation ? { position: [0, 0, n * stepMm], orientation } : {}),
  }));
  const series = { studyUid: '1.1', seriesUid: '1.9', modality: 'CT', frames: frames.toReversed() };
  return sliceNumbers({ series, frames, inVolume });
}

describe('numbers of slices', () => {
  it.each([
    ['axial', [1, 0, 0, 0, 1, 0], 5, 16],
    ['axial, tilted', [1, 0, 0, 0, 0.88, -0.47], 5, 16],
    ['axial, prone', [-1, 0, 0, 0, -1, 0], 26, 5],
    ['coronal, of which the rows are axial', [1, 0, 0, 0, 0, -1], 5, 5],
    ['sagittal, of which the columns are coronal and the rows axial', [0, 1, 0, 0, 0, -1], 26, 5],
  ] as const)(
    '[SN1] of reformats run from right to left, from back to front and from head to feet: acquired %s',
    (_, orientation, i, j) => {
      const numberOf = numbersOf([...orientation]);
      expect([numberOf({ axis: 'i', index: 4 }), numberOf({ axis: 'j', index: 4 })]).toEqual([i, j]);
    },
  );

  it("[SN2] are the viewer's own order for acquired slices, and the index where nothing is known of the patient", () => {
    const numberOf = numbersOf();
    const acquired = ['1.2/1', '1.1/1', '1.3/1'].map((frame) => numberOf({ axis: 'k', frame }));
    expect([acquired, numberOf({ axis: 'j', index: 4 })]).toEqual([[1, 2, 0], 5]);
  });

  it.each([
    ['towards the head', [1, 0, 0, 0, 1, 0], 5, [2, 1, 0]],
    ['towards the feet', [1, 0, 0, 0, -1, 0], -5, [1, 2, 0]],
  ] as const)(
    '[SN3] run from head to feet in the axial plane of a volume too, whichever way the stack runs: %s',
    (_, orientation, stepMm, numbers) => {
      const numberOf = numbersOf([...orientation], { inVolume: true, stepMm });
      expect(['1.1/1', '1.2/1', '1.3/1'].map((frame) => numberOf({ axis: 'k', frame }))).toEqual(numbers);
    },
  );
});
