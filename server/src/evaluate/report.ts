/** From scores of objects to numbers per set: what stands in report.json. */
import type { ModelInfo } from '@ohif-medsam/protocol';
import type { ObjectScore, Score } from './evaluateModel.ts';
import { jitterOf, meanJitter, type Jitter } from './jitter.ts';
import { correlation, mean, meanScore, round, spreadOf, type Spread } from './statistics.ts';
import type { VolumesReport } from './volume/volumesReport.ts';

/** Objects of one kind, the model beside the baselines. */
export interface GroupReport {
  /** Number of objects. */
  readonly n: number;
  readonly dice: Spread;
  readonly nsd: Spread;
  /** Means. */
  readonly baselines: { readonly ellipse: Score; readonly otsu: Score };
}

export interface SetReport extends GroupReport {
  /** Pearson's r between the model's own estimate and the real IoU; null where either does not vary. */
  readonly scoreCorrelation: number | null;
  /** Means after one click on the largest fault of each mask; not of models that take boxes only. */
  readonly clicked?: Score;
  /** With moved boxes, for the objects of the sweep. */
  readonly jitter: Jitter;
}

export interface WorstCase extends Score {
  readonly set: string;
  readonly image: string;
  readonly object: number;
  /** The tight box of the truth: pixel indices, inclusive. */
  readonly box: readonly number[];
}

export interface Report {
  readonly model: Pick<ModelInfo, 'id' | 'version' | 'sha256'>;
  readonly sets: Readonly<Record<string, SetReport>>;
  /** Means over the sets, each set counting alike; `baseline` is the better of the two in each set. */
  readonly mean: { readonly model: Score; readonly baseline: Score };
  /** Over all sets. */
  readonly scoreCorrelation: number | null;
  /** Means over the sets, each set counting alike. */
  readonly jitter: Jitter;
  /** Means over the sets, each set counting alike. */
  readonly clicked?: Score;
  /** By the object's area in the image stretched to 1024 x 1024. */
  readonly sizes: Readonly<Record<string, GroupReport>>;
  /** The ten of lowest Dice of all. */
  readonly worst: readonly WorstCase[];
  /** The 3D protocol, where it was asked for. */
  readonly volumes?: VolumesReport;
}

/** Sides of a square of the object's area, pixels at 1024: the limits of COCO and one above. */
const SIZES = [
  ['under 32 px', 0, 32],
  ['32 to 96 px', 32, 96],
  ['96 to 256 px', 96, 256],
  ['over 256 px', 256, Infinity],
] as const;

const WORST = 10;

export function reportOf(
  { id, version, sha256 }: Pick<ModelInfo, 'id' | 'version' | 'sha256'>,
  scores: readonly ObjectScore[],
  volumes?: VolumesReport,
): Report {
  const names = [...new Set(scores.map(({ set }) => set))];
  const sets = Object.fromEntries(names.map((name) => [name, setReport(scores.filter(({ set }) => set === name))]));
  const all = Object.values(sets);
  const better = (of: keyof Score) => mean(all.map(({ baselines: b }) => Math.max(b.ellipse[of], b.otsu[of])));
  return {
    model: { id, version, sha256 },
    sets,
    mean: {
      model: { dice: mean(all.map((set) => set.dice.mean)), nsd: mean(all.map((set) => set.nsd.mean)) },
      baseline: { dice: better('dice'), nsd: better('nsd') },
    },
    scoreCorrelation: scoreCorrelation(scores),
    jitter: meanJitter(all.map((set) => set.jitter)),
    ...clickedOf(all),
    sizes: sizesOf(scores),
    worst: worstOf(scores).map(({ set, image, object, box, model }) => ({
      set,
      image,
      object,
      box,
      dice: round(model.dice),
      nsd: round(model.nsd),
    })),
    ...(volumes ? { volumes } : {}),
  };
}

function setReport(scores: readonly ObjectScore[]): SetReport {
  return {
    ...groupReport(scores),
    scoreCorrelation: scoreCorrelation(scores),
    ...clickedOf(scores),
    jitter: jitterOf(scores),
  };
}

function clickedOf(each: readonly { readonly clicked?: Score }[]): { readonly clicked?: Score } {
  const some = each.flatMap(({ clicked }) => clicked ?? []);
  return some.length > 0 ? { clicked: meanScore(some) } : {};
}

function groupReport(scores: readonly ObjectScore[]): GroupReport {
  return {
    n: scores.length,
    dice: spreadOf(scores.map(({ model }) => model.dice)),
    nsd: spreadOf(scores.map(({ model }) => model.nsd)),
    baselines: {
      ellipse: meanScore(scores.map(({ ellipse }) => ellipse)),
      otsu: meanScore(scores.map(({ otsu }) => otsu)),
    },
  };
}

function sizesOf(scores: readonly ObjectScore[]): Report['sizes'] {
  const groups = SIZES.flatMap(([name, from, below]) => {
    const some = scores.filter((score) => score.area1024 >= from ** 2 && score.area1024 < below ** 2);
    return some.length > 0 ? [[name, groupReport(some)] as const] : [];
  });
  return Object.fromEntries(groups);
}

/** The objects of lowest Dice, worst first; those that came first where it is the same. */
export const worstOf = (scores: readonly ObjectScore[]): ObjectScore[] =>
  [...scores].sort((a, b) => a.model.dice - b.model.dice).slice(0, WORST);

const scoreCorrelation = (scores: readonly ObjectScore[]): number | null =>
  correlation(scores.map(({ predicted, model }) => [predicted, iouOf(model)]));

/** Intersection over union, which Dice decides. */
export const iouOf = ({ dice }: Score): number => dice / (2 - dice);
