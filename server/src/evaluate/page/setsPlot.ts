/** A box plot of each set, and where the baselines are. */
import type { ObjectScore, Score } from '../evaluateModel.ts';
import type { Report } from '../report.ts';
import { quantile } from '../statistics.ts';
import { escapeHtml, horizontalAxis, px, svg, unit, xOn, type Frame } from './svg.ts';

const ROW = 30;
const BOX = 14;

/** Box: quartiles and median; whiskers: 5 and 95 % of the objects; dot: mean. */
export function setsPlot(report: Report, scores: readonly ObjectScore[], of: keyof Score, label: string): string {
  const names = Object.keys(report.sets);
  const frame: Frame = { left: 130, top: 8, width: 400, height: ROW * names.length };
  const axis = unit(label);
  const x = xOn(frame, axis);
  const rows = names.map((name, n) => {
    const y = frame.top + ROW * (n + 0.5);
    const own = scores.filter(({ set }) => set === name).map(({ model }) => model[of]);
    const { baselines } = report.sets[name] ?? {};
    return (
      `<text class="tick end" x="${px(frame.left - 8)}" y="${px(y + 4)}">${escapeHtml(name)}</text>` +
      boxOf(own, x, y) +
      mark('ellipse', x(baselines?.ellipse[of] ?? 0), y) +
      mark('otsu', x(baselines?.otsu[of] ?? 0), y)
    );
  });
  return svg(550, frame.height + 48, `${label} by set`, horizontalAxis(frame, axis) + rows.join(''));
}

function boxOf(values: readonly number[], x: (value: number) => number, y: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => x(quantile(sorted, share));
  const mean = x(values.reduce((sum, value) => sum + value, 0) / values.length);
  const [top, bottom] = [px(y - BOX / 2), px(y + BOX / 2)];
  return (
    `<path class="line" d="M${px(at(0.05))} ${px(y)}H${px(at(0.25))}M${px(at(0.75))} ${px(y)}H${px(at(0.95))}"/>` +
    `<rect class="box" x="${px(at(0.25))}" y="${top}" width="${px(Math.max(1, at(0.75) - at(0.25)))}" height="${px(BOX)}"/>` +
    `<path class="median" d="M${px(at(0.5))} ${top}V${bottom}"/>` +
    `<circle class="mean" cx="${px(mean)}" cy="${px(y)}" r="2.5"/>`
  );
}

/** A diamond for the ellipse, a ring for Otsu. */
const mark = (kind: 'ellipse' | 'otsu', x: number, y: number): string =>
  kind === 'ellipse'
    ? `<path class="ellipse" d="M${px(x)} ${px(y - 6)}l5 6-5 6-5-6z"/>`
    : `<circle class="otsu" cx="${px(x)}" cy="${px(y)}" r="4.5"/>`;
