import type { TruthVolume } from '../evaluate/volume/volume.ts';
import { PIXEL_MM, SIZE } from './canvas.ts';
import { PHANTOM_SLICES, phantomSlice, SLICE_MM } from './phantomSlice.ts';

/** The whole phantom with its truth, as the harness judges volumes. */
export function phantomVolume(): TruthVolume {
  const pixels = SIZE * SIZE;
  const values = new Int16Array(pixels * PHANTOM_SLICES);
  const labels = new Uint8Array(pixels * PHANTOM_SLICES);
  for (let k = 0; k < PHANTOM_SLICES; k++) {
    const slice = phantomSlice(k);
    values.set(slice.hu, k * pixels);
    labels.set(slice.labels, k * pixels);
  }
  const size = { columns: SIZE, rows: SIZE, slices: PHANTOM_SLICES };
  return {
    set: 'phantom',
    name: 'phantom',
    series: { modality: 'CT' },
    ...size,
    spacingMm: [PIXEL_MM, PIXEL_MM, SLICE_MM],
    values,
    labels,
  };
}
