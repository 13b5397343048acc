/** From scores of objects to numbers per set, as JSON and as a table. */
import type { ModelInfo } from '@ohif-medsam/protocol';
import type { ObjectScore, Score } from './evaluateModel.ts';

interface Spread {
  readonly mean: number;
  readonly median: number;
  /** First and third quartile. */
  readonly iqr: readonly [number, number];
}

interface SetReport {
  /** Number of objects. */
  readonly n: number;
  readonly dice: Spread;
  readonly nsd: Spread;
  /** Means. */
  readonly baselines: { readonly ellipse: Score; readonly otsu: Score };
}

export interface Report {
  readonly model: Pick<ModelInfo, 'id' | 'version' | 'sha256'>;
  readonly sets: Readonly<Record<string, SetReport>>;
  /** Means over the sets, each set counting alike; `baseline` is the better of the two in each set. */
  readonly mean: { readonly model: Score; readonly baseline: Score };
}

export function reportOf({ id, version, sha256 }: ModelInfo, scores: readonly ObjectScore[]): Report {
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
  };
}

function setReport(scores: readonly ObjectScore[]): SetReport {
  const means = (of: 'ellipse' | 'otsu'): Score => ({
    dice: mean(scores.map((score) => score[of].dice)),
    nsd: mean(scores.map((score) => score[of].nsd)),
  });
  return {
    n: scores.length,
    dice: spreadOf(scores.map(({ model }) => model.dice)),
    nsd: spreadOf(scores.map(({ model }) => model.nsd)),
    baselines: { ellipse: means('ellipse'), otsu: means('otsu') },
  };
}

const round = (value: number) => Math.round(value * 1e4) / 1e4;

const mean = (values: readonly number[]) => round(values.reduce((sum, value) => sum + value, 0) / values.length);

function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { mean: mean(values), median: quantile(sorted, 0.5), iqr: [quantile(sorted, 0.25), quantile(sorted, 0.75)] };
}

/** Linear interpolation between the two nearest values, as numpy does. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const below = sorted[low] ?? NaN;
  return round(below + ((sorted[low + 1] ?? below) - below) * (at - low));
}

/** A Markdown table, the model beside both baselines, and one line of means. */
export function tableOf(report: Report): string {
  const show = (value: number) => value.toFixed(3);
  const rows = Object.entries(report.sets).map(
    ([
      name,
      {
        n,
        dice,
        nsd,
        baselines: { ellipse, otsu },
      },
    ]) => [
      name,
      String(n),
      show(dice.mean),
      show(dice.median),
      show(ellipse.dice),
      show(otsu.dice),
      show(nsd.mean),
      show(ellipse.nsd),
      show(otsu.nsd),
    ],
  );
  const head = ['set', 'objects', 'Dice', 'median', 'ellipse', 'Otsu', 'NSD 2 px', 'ellipse', 'Otsu'];
  const table = [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...rows];
  const { model, baseline } = report.mean;
  return [
    ...table.map((cells) => `| ${cells.join(' | ')} |`),
    '',
    'Mean of the sets, each counting alike; in brackets the better baseline of each set: ' +
      `Dice ${show(model.dice)} (${show(baseline.dice)}), NSD ${show(model.nsd)} (${show(baseline.nsd)}).`,
  ].join('\n');
}
