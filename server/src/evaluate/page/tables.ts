/** The tables of the page. */
import type { Score } from '../evaluateModel.ts';
import { BOX_MOVES } from '../moveBox.ts';
import type { GroupReport, Report } from '../report.ts';
import type { Spread } from '../statistics.ts';
import type { VolumesReport } from '../volume/volumesReport.ts';
import { escapeHtml } from './svg.ts';

interface Cell {
  readonly text: string;
  readonly kind?: 'best' | 'bad' | undefined;
}

const show = (value: number): string => value.toFixed(3);
const plain = (text: string): Cell => ({ text });
const spread = ({ median, iqr }: Spread, digits = 3): Cell =>
  plain(`${median.toFixed(digits)} (${iqr[0].toFixed(digits)} to ${iqr[1].toFixed(digits)})`);

function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cell = ({ text, kind }: Cell) => `<td${kind ? ` class="${kind}"` : ''}>${escapeHtml(text)}</td>`;
  const names = head.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map(cell).join('')}</tr>`).join('');
  return `<div class="wide"><table><thead><tr>${names}</tr></thead><tbody>${body}</tbody></table></div>`;
}

const beside = (value: number, ...others: readonly number[]): Cell => ({
  text: show(value),
  kind: value > Math.max(...others) ? 'best' : 'bad',
});

export function groupTable(what: string, groups: Readonly<Record<string, GroupReport>>): string {
  const head = [what, 'objects', 'Dice', 'median (IQR)', 'ellipse', 'Otsu', 'NSD', 'median (IQR)', 'ellipse', 'Otsu'];
  const rows = Object.entries(groups).map(
    ([
      name,
      {
        n,
        dice,
        nsd,
        baselines: { ellipse, otsu },
      },
    ]) => [
      plain(name),
      plain(String(n)),
      beside(dice.mean, ellipse.dice, otsu.dice),
      spread(dice),
      plain(show(ellipse.dice)),
      plain(show(otsu.dice)),
      beside(nsd.mean, ellipse.nsd, otsu.nsd),
      spread(nsd),
      plain(show(ellipse.nsd)),
      plain(show(otsu.nsd)),
    ],
  );
  return table(head, rows);
}

/** What may be lost at most: the aim of the embedded model. */
const mostLost = (px1024: number): number => (px1024 > 10 ? 0.06 : 0.03);

export function jitterTable({ jitter, sets }: Report): string {
  const head = ['set', 'tight', ...BOX_MOVES.map(({ name }) => name)];
  const rows = [['mean', jitter] as const, ...Object.entries(sets).map(([name, set]) => [name, set.jitter] as const)];
  return table(
    head,
    rows.map(([name, { tight, moved }]) => [
      plain(name),
      plain(show(tight.dice)),
      ...BOX_MOVES.map(({ name: move, px1024 }): Cell => {
        const dice = moved[move]?.dice ?? NaN;
        return { text: show(dice), kind: tight.dice - dice > mostLost(px1024) ? 'bad' : undefined };
      }),
    ]),
  );
}

export function clickedTable({ mean, sets }: Report, clicked: Score): string {
  const row = (name: string, before: Score, after: Score) =>
    [name, show(before.dice), show(after.dice), show(before.nsd), show(after.nsd)].map(plain);
  const rows = Object.entries(sets).flatMap(([name, { dice, nsd, clicked: after }]) =>
    after ? [row(name, { dice: dice.mean, nsd: nsd.mean }, after)] : [],
  );
  return table(['set', 'Dice', 'one click', 'NSD', 'one click'], [row('mean', mean.model, clicked), ...rows]);
}

export function volumesTable(volumes: VolumesReport): string {
  const carried = ['bounded', 'unbounded', 'NSD 2 mm', "by upstream's rule", 'with a second anchor'];
  const head = ['set', 'objects', ...carried, 'leaked slices, ml', 'missed slices'];
  const rows = Object.entries(volumes).map(([name, set]) => [
    plain(name),
    plain(String(set.n)),
    spread(set.bounded.dice),
    spread(set.unbounded.dice),
    spread(set.unbounded.nsd),
    spread(set.upstreamsRule.dice),
    spread(set.secondPrompt),
    plain(`${set.leakedSlices.mean.toFixed(2)}, ${set.leakedMl.mean.toFixed(2)}`),
    plain(set.missedSlices.mean.toFixed(2)),
    spread(set.prompts, 1),
    plain(`${String(set.prompts.reached)} of ${String(set.n)}`),
    spread(set.slices, 1),
    plain(`${show(set.saved.mean)}, ${show(set.untouched.mean)}`),
  ]);
  return table([...head, 'prompts to 0.90', 'reached', 'slices by hand', 'saved, untouched'], rows);
}

export function volumeObjectsTable(volumes: VolumesReport): string {
  const head = [
    'volume',
    'object',
    'slices',
    'bounded',
    'unbounded',
    'leaked slices',
    'missed slices',
    'prompts',
    'untouched',
  ];
  const rows = Object.values(volumes).flatMap(({ objects }) =>
    objects.map((each) => [
      plain(each.volume),
      plain(String(each.object)),
      plain(String(each.slices)),
      plain(show(each.bounded.dice)),
      plain(show(each.unbounded.dice)),
      plain(String(each.leakedSlices)),
      plain(String(each.missedSlices)),
      plain(each.prompts === null ? 'never' : String(each.prompts)),
      plain(String(each.untouchedSlices)),
    ]),
  );
  return table(head, rows);
}
