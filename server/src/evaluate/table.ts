/** The report as a person reads it in a terminal, or pastes it into models/README.md. */
import type { Score } from './evaluateModel.ts';
import type { Jitter } from './jitter.ts';
import type { Report } from './report.ts';

const show = (value: number): string => value.toFixed(3);

/** Markdown: the model beside both baselines, one line of means, then by size, with moved boxes, with a click, and in 3D. */
export function tableOf(report: Report): string {
  const { model, baseline } = report.mean;
  return [
    ...table(HEAD, groupRows(report.sets)),
    '',
    'Mean of the sets, each counting alike; in brackets the better baseline of each set: ' +
      `Dice ${show(model.dice)} (${show(baseline.dice)}), NSD ${show(model.nsd)} (${show(baseline.nsd)}).`,
    report.scoreCorrelation === null
      ? ''
      : `The model's own score and the real IoU correlate with r = ${show(report.scoreCorrelation)}.`,
    '',
    ...table(['size at 1024 px', ...HEAD.slice(1)], groupRows(report.sizes)),
    '',
    ...jitterTable(report.jitter),
    ...(report.clicked ? ['', ...clickedTable(report, report.clicked)] : []),
    ...(report.volumes ? ['', ...volumesTable(report.volumes)] : []),
  ].join('\n');
}

const HEAD = ['set', 'objects', 'Dice', 'median', 'ellipse', 'Otsu', 'NSD 2 px', 'ellipse', 'Otsu'];

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...rows].map((cells) => `| ${cells.join(' | ')} |`);

const groupRows = (groups: Report['sizes']): string[][] =>
  Object.entries(groups).map(([name, { n, dice, nsd, baselines }]) => {
    const { ellipse, otsu } = baselines;
    const shown = [dice.mean, dice.median, ellipse.dice, otsu.dice, nsd.mean, ellipse.nsd, otsu.nsd].map(show);
    return [name, String(n), ...shown];
  });

function jitterTable({ tight, moved }: Jitter): string[] {
  const rows = Object.entries(moved).map(([name, { dice, nsd }]) => [
    name,
    show(dice),
    show(dice - tight.dice),
    show(nsd),
    show(nsd - tight.nsd),
  ]);
  const first = ['tight', show(tight.dice), show(0), show(tight.nsd), show(0)];
  return table(['box, px at 1024', 'Dice', 'change', 'NSD 2 px', 'change'], [first, ...rows]);
}

function clickedTable({ sets, mean: { model } }: Report, clicked: Score): string[] {
  const row = (name: string, { dice, nsd }: Score, after: Score) => [
    name,
    show(dice),
    show(after.dice),
    show(nsd),
    show(after.nsd),
  ];
  const rows = Object.entries(sets).flatMap(([name, { dice, nsd, clicked: after }]) =>
    after ? [row(name, { dice: dice.mean, nsd: nsd.mean }, after)] : [],
  );
  const head = ['one click on the largest fault', 'Dice before', 'after', 'NSD 2 px before', 'after'];
  return table(head, [...rows, row('mean', model, clicked)]);
}

function volumesTable(volumes: NonNullable<Report['volumes']>): string[] {
  const head = [
    'volumes',
    'objects',
    '3D Dice bounded',
    'NSD 2 mm',
    '3D Dice unbounded',
    'NSD 2 mm',
    "by upstream's rule",
    'with a second anchor',
    'leaked slices',
    'leaked ml',
    'prompts to 0.90',
    'reached',
    'slices',
    'saved',
    'untouched',
  ];
  const rows = Object.entries(volumes).map(([name, set]) => [
    name,
    String(set.n),
    show(set.bounded.dice.mean),
    show(set.bounded.nsd.mean),
    show(set.unbounded.dice.mean),
    show(set.unbounded.nsd.mean),
    show(set.upstreamsRule.dice.mean),
    show(set.secondPrompt.mean),
    set.leakedSlices.mean.toFixed(2),
    set.leakedMl.mean.toFixed(2),
    set.prompts.median.toFixed(1),
    `${String(set.prompts.reached)} of ${String(set.n)}`,
    set.slices.median.toFixed(1),
    show(set.saved.mean),
    show(set.untouched.mean),
  ]);
  return table(head, rows);
}
