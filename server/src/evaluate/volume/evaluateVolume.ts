/**
 * The 3D protocol: one box on the object's middle slice, carried through the volume; then the worst slices are corrected until
 * the object is good enough.
 */
import { countPixels, dice, intersect, type Runs } from '@ohif-medsam/protocol';
import type { Score } from '../evaluateModel.ts';
import { CarvedObject, type VolumePorts } from './carveObject.ts';
import { carryAsUpstream } from './upstreamsRule.ts';
import type { SliceMasks, TruthObject, TruthVolume } from './volume.ts';
import { countVoxels, volumeDice, volumeSurfaceDice } from './volumeMetrics.ts';

export interface VolumeScore {
  readonly set: string;
  readonly volume: string;
  readonly object: number;
  /** Slices and voxels of the truth. */
  readonly slices: number;
  readonly voxels: number;
  /** From one box, only the slices from the first to the last of the truth; NSD at 2 mm. */
  readonly bounded: Score;
  /** From one box, wherever propagation went; NSD at 2 mm. */
  readonly unbounded: Score;
  /** The same by upstream's rule, with the same model and box. */
  readonly upstreamsRule: Score;
  /** Slices with a mask before the first or after the last of the truth, and the volume there. */
  readonly leakedSlices: number;
  readonly leakedMl: number;
  /** Slices of the truth without a mask. */
  readonly missedSlices: number;
  /** 3D Dice after one, two, ... prompts: the box, then whatever the slice that is most wrong needs. */
  readonly diceByPrompts: readonly number[];
  /** Prompts until 3D Dice is good enough; null if one for every slice of the truth is not enough. A corrected mask counts as one. */
  readonly prompts: number | null;
  /** Slices of the truth that are good enough in the end and were never prompted: a person accepts them untouched. */
  readonly untouchedSlices: number;
}

/** Dice at which a person would stop, of the volume and of a slice. */
export const GOOD_ENOUGH = 0.9;

/** @throws AppError as segmenting does; the reason of `ports.signal` when that is aborted. */
export async function evaluateVolumeObject(
  ports: VolumePorts,
  volume: TruthVolume,
  { label, truth, voxels }: TruthObject,
): Promise<VolumeScore> {
  const carved = new CarvedObject(ports, volume);
  const middle = middleOf(truth);
  await carved.drawBox(middle, truth[middle] ?? []);
  const first = carved.masks;
  const diceByPrompts = await promptUntilGood(carved, truth);
  const [from, until] = extentOf(truth);
  // A walk knows nothing of what lies ahead: bounded by the object it would have found the same, and ended there.
  const bounded = first.map((runs, k) => (k >= from && k < until ? runs : []));
  const leaked = first.filter((runs, k) => runs.length > 0 && (k < from || k >= until));
  const [sx, sy, sz] = volume.spacingMm;
  const score = (masks: SliceMasks): Score => ({
    dice: volumeDice(masks, truth),
    nsd: volumeSurfaceDice(masks, truth, volume),
  });
  return {
    set: volume.set,
    volume: volume.name,
    object: label,
    slices: truth.filter((runs) => runs.length > 0).length,
    voxels,
    bounded: score(bounded),
    unbounded: score(first),
    upstreamsRule: score(await carryAsUpstream(ports, volume, middle, carved.tightBox(truth[middle] ?? []))),
    leakedSlices: leaked.length,
    leakedMl: (countVoxels(leaked) * sx * sy * sz) / 1000,
    missedSlices: truth.filter((runs, k) => runs.length > 0 && first[k]?.length === 0).length,
    diceByPrompts,
    prompts: (diceByPrompts.at(-1) ?? 0) >= GOOD_ENOUGH ? diceByPrompts.length : null,
    untouchedSlices: truth.filter((runs, k) => runs.length > 0 && isUntouched(carved, k, runs)).length,
  };
}

/**
 * Sees to the slice that is most wrong, again and again: a mask there is corrected, which is no more than drawing its contour by
 * hand; where there is none, and was no box, a box is drawn; beyond the object, it is said to have ended. @returns 3D Dice after each
 * prompt, the first one included.
 */
async function promptUntilGood(carved: CarvedObject, truth: SliceMasks): Promise<number[]> {
  const most = truth.filter((runs) => runs.length > 0).length;
  const reached = [volumeDice(carved.masks, truth)];
  while ((reached.at(-1) ?? 0) < GOOD_ENOUGH && reached.length < most) {
    const k = worstSlice(carved, truth);
    if (k === undefined) break;
    const there = truth[k] ?? [];
    if (there.length === 0) carved.erase(startOfLeak(k, carved.masks, truth));
    else if (carved.wasPrompted(k) || (carved.masks[k]?.length ?? 0) > 0) await carved.correct(k, there);
    else await carved.drawBox(k, there);
    reached.push(volumeDice(carved.masks, truth));
  }
  return reached;
}

/** The slice with the most wrong pixels of those that nobody decided on; nothing where all of them are right. */
function worstSlice(carved: CarvedObject, truth: SliceMasks): number | undefined {
  const wrong = carved.masks.map((runs, k) => (carved.isDecided(k) ? 0 : differing(runs, truth[k] ?? [])));
  const most = Math.max(...wrong);
  return most > 0 ? wrong.indexOf(most) : undefined;
}

const isUntouched = (carved: CarvedObject, k: number, truth: Runs): boolean =>
  !carved.wasPrompted(k) && dice(carved.masks[k] ?? [], truth) >= GOOD_ENOUGH;

/** The slice at which masks left the object that have come as far as slice `k`: there a person says that it has ended. */
function startOfLeak(k: number, masks: SliceMasks, truth: SliceMasks): number {
  const towards = k < middleOf(truth) ? 1 : -1;
  let start = k;
  while (truth[start + towards]?.length === 0 && masks[start + towards]?.length !== 0) start += towards;
  return start;
}

const differing = (a: Runs, b: Runs): number => countPixels(a) + countPixels(b) - 2 * countPixels(intersect(a, b));

/** The first slice of the object, and the one after its last. */
function extentOf(truth: SliceMasks): readonly [from: number, until: number] {
  return [truth.findIndex((runs) => runs.length > 0), truth.findLastIndex((runs) => runs.length > 0) + 1];
}

/** The slice of the object that lies nearest to the middle of its extent. */
export function middleOf(truth: SliceMasks): number {
  const [from, until] = extentOf(truth);
  const middle = (from + until - 1) / 2;
  const numbers = truth.flatMap((runs, k) => (runs.length > 0 ? [k] : []));
  return numbers.reduce((best, k) => (Math.abs(k - middle) < Math.abs(best - middle) ? k : best), from);
}
