/** What a propagation that hardly ever stops meets on its way: from that one can tell where any rule would have stopped it. */
import { countPixels, intersect, planeKeyOf } from '@ohif-medsam/protocol';
import { STOP, type Change } from '../../propagate/index.ts';
import { CarvedObject, type VolumePorts } from './carveObject.ts';
import { middleOf } from './evaluateVolume.ts';
import { planesOf, type TruthObject, type TruthVolume } from './volume.ts';

/** One slice on the way. */
export interface Step {
  readonly change: Change;
  /** Pixels of the mask, and those of them that are in the object. */
  readonly found: number;
  readonly right: number;
  /** Pixels of the object on this slice. */
  readonly truth: number;
}

/** From the tight box on the object's middle slice both ways. */
export interface WalkRecord {
  readonly set: string;
  readonly volume: string;
  readonly object: number;
  /** Voxels of the truth. */
  readonly voxels: number;
  readonly start: Pick<Step, 'found' | 'right'>;
  readonly ways: readonly (readonly Step[])[];
}

/** @throws AppError as segmenting does. */
export async function recordWalk(
  ports: VolumePorts,
  volume: TruthVolume,
  { label, truth, voxels }: TruthObject,
): Promise<WalkRecord> {
  const changes = new Map<string, Change>();
  const stop = (change: Change, plane: Parameters<typeof planeKeyOf>[0]) => {
    changes.set(planeKeyOf(plane), change);
    return change.pixels < STOP.pixels ? 'object-ended' : undefined;
  };
  const carved = new CarvedObject({ ...ports, stop }, volume);
  const middle = middleOf(truth);
  await carved.drawBox(middle, truth[middle] ?? []);
  const { masks } = carved;
  const keys = planesOf(volume).map(planeKeyOf);
  const at = (k: number) => {
    const [mask, there] = [masks[k] ?? [], truth[k] ?? []];
    return { found: countPixels(mask), right: countPixels(intersect(mask, there)), truth: countPixels(there) };
  };
  const way = (towards: 1 | -1) => {
    const steps: Step[] = [];
    for (let k = middle + towards; ; k += towards) {
      const change = changes.get(keys[k] ?? '');
      if (!change) return steps;
      steps.push({ change, ...at(k) });
    }
  };
  const { set, name } = volume;
  return { set, volume: name, object: label, voxels, start: at(middle), ways: [way(1), way(-1)] };
}
