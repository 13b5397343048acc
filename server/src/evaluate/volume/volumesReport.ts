/** From scores of objects in volumes to numbers per set. */
import { round, spreadOf, type Spread } from '../statistics.ts';
import { GOOD_ENOUGH, type VolumeScore } from './evaluateVolume.ts';

interface VolumeSetReport {
  /** Number of objects. */
  readonly n: number;
  readonly bounded: { readonly dice: Spread; readonly nsd: Spread };
  readonly unbounded: { readonly dice: Spread; readonly nsd: Spread };
  /** Unbounded, by upstream's rule. */
  readonly upstreamsRule: { readonly dice: Spread; readonly nsd: Spread };
  /** 3D Dice with a second anchor on the slice that is most wrong, where the first was not enough. */
  readonly secondPrompt: Spread;
  readonly leakedSlices: Spread;
  readonly leakedMl: Spread;
  readonly missedSlices: Spread;
  /** Slices of an object: so many contours it takes by hand. */
  readonly slices: Spread;
  /** Prompts until 3D Dice is `target`; objects that never are count as one prompt for each slice. */
  readonly prompts: Spread & { readonly target: number; readonly reached: number };
  /** Share of an object's slices that its prompts save, each slice being one contour by hand. */
  readonly saved: Spread;
  /** Share of an object's slices that a person accepts untouched in the end. */
  readonly untouched: Spread;
  readonly objects: readonly VolumeScore[];
}

export type VolumesReport = Readonly<Record<string, VolumeSetReport>>;

export function volumesReportOf(scores: readonly VolumeScore[]): VolumesReport {
  const names = [...new Set(scores.map(({ set }) => set))];
  return Object.fromEntries(names.map((name) => [name, setReport(scores.filter(({ set }) => set === name))]));
}

function setReport(scores: readonly VolumeScore[]): VolumeSetReport {
  const spread = (of: (score: VolumeScore) => number) => spreadOf(scores.map(of));
  const both = (of: 'bounded' | 'unbounded' | 'upstreamsRule') => ({
    dice: spread((score) => score[of].dice),
    nsd: spread((score) => score[of].nsd),
  });
  return {
    n: scores.length,
    bounded: both('bounded'),
    unbounded: both('unbounded'),
    upstreamsRule: both('upstreamsRule'),
    secondPrompt: spread(({ diceByPrompts: [first = 0, second = first] }) => second),
    leakedSlices: spread(({ leakedSlices }) => leakedSlices),
    leakedMl: spread(({ leakedMl }) => leakedMl),
    missedSlices: spread(({ missedSlices }) => missedSlices),
    slices: spread(({ slices }) => slices),
    prompts: {
      ...spread(({ prompts, slices }) => prompts ?? slices),
      target: GOOD_ENOUGH,
      reached: scores.filter(({ prompts }) => prompts !== null).length,
    },
    saved: spread(({ prompts, slices }) => 1 - (prompts ?? slices) / slices),
    untouched: spread(({ untouchedSlices, slices }) => untouchedSlices / slices),
    objects: scores.map(rounded),
  };
}

const rounded = (score: VolumeScore): VolumeScore => ({
  ...score,
  bounded: { dice: round(score.bounded.dice), nsd: round(score.bounded.nsd) },
  unbounded: { dice: round(score.unbounded.dice), nsd: round(score.unbounded.nsd) },
  upstreamsRule: { dice: round(score.upstreamsRule.dice), nsd: round(score.upstreamsRule.nsd) },
  leakedMl: round(score.leakedMl),
  diceByPrompts: score.diceByPrompts.map(round),
});
