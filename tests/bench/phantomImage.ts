import { phantomSlice } from '@ohif-medsam/server/demo/phantomSlice';
import type { SliceImage } from '@ohif-medsam/server/ports/inferenceEngine';
import { windowSlice } from '@ohif-medsam/server/segment/index';

/** As the model sees slice `k` of the phantom. */
export function phantomImage(k: number): SliceImage {
  const facts = { columns: 512, rows: 512, slope: 1, intercept: 0, invert: false, components: 1 } as const;
  const plane = { axis: 'k', frame: `1.2.${String(k)}/1` } as const;
  const slice = { seriesUid: '1.2', plane, hash: String(k), pixels: phantomSlice(k).hu, ...facts };
  return windowSlice(slice, { kind: 'auto' }, { modality: 'CT' }).image;
}
