/**
 * What upstream's script does with one box in a volume (`MedSAM_infer_npz_3D` of LiteMedSAM), with the model that is judged: the
 * next box is that of the mask before and a margin, an empty mask gives the first box again, and nothing ends it but the volume.
 */
import { boxOfRuns, clipBox, growBox, type Box, type Runs } from '@ohif-medsam/protocol';
import { sameWindow, windowSlice } from '../../segment/index.ts';
import type { VolumePorts } from './carveObject.ts';
import { planesOf, sliceOf, type SliceMasks, type TruthVolume } from './volume.ts';

/** Pixels of an image whose longer side is 256. */
const MARGIN = 3;

/** @param first - The box on slice `k`. @returns The mask of every slice of the volume. */
export async function carryAsUpstream(
  { engine, modelId, signal }: VolumePorts,
  volume: TruthVolume,
  k: number,
  first: Box,
): Promise<SliceMasks> {
  const planes = planesOf(volume);
  const margin = Math.round((MARGIN * Math.max(volume.columns, volume.rows)) / 256);
  const sliceAt = (n: number) => {
    const plane = planes[n];
    if (!plane) throw new RangeError(`no slice ${String(n)}`);
    return sliceOf(volume, plane, n);
  };
  const window = sameWindow(windowSlice(sliceAt(k), { kind: 'auto' }, volume.series).window);
  const segment = async (n: number, box: Box) => {
    const { image } = windowSlice(sliceAt(n), window, volume.series);
    return (await engine.segment({ modelId, image, box, priority: 'propagation', signal })).runs;
  };
  const masks: Runs[] = planes.map(() => []);
  masks[k] = await segment(k, first);
  for (const step of [1, -1])
    for (let n = k + step; n >= 0 && n < planes.length; n += step) {
      const before = boxOfRuns(masks[n - step] ?? [], volume.columns);
      masks[n] = await segment(n, before ? clipBox(growBox(before, margin), volume) : first);
    }
  return masks;
}
