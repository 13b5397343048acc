/** How Dice or NSD falls as the box is drawn wider. */
import type { Score } from '../evaluateModel.ts';
import type { Report } from '../report.ts';
import type { Jitter } from '../jitter.ts';
import { BOX_MOVES } from '../moveBox.ts';
import { escapeHtml, horizontalAxis, line, linear, px, svg, verticalAxis, xOn, yOn, type Frame } from './svg.ts';

const FRAME: Frame = { left: 52, top: 10, width: 380, height: 300 };

/** Thick: mean of the sets, sides moved by up to, and by exactly so much. Thin: each set, by up to so much. */
export function jitterPlot({ jitter, sets }: Report, of: keyof Score, label: string): string {
  const x = xOn(FRAME, X);
  const swept = Object.entries(sets).filter(([, set]) => set.jitter.n > 0);
  const all = [jitter, ...swept.map(([, set]) => set.jitter)];
  const lowest = Math.min(...all.flatMap((each) => curve(each, 'fixed', of).map(([, score]) => score)));
  const low = Math.min(9, Math.floor(10 * lowest)) / 10;
  const steps = Math.round((1 - low) * 10);
  const axisY = linear(
    low,
    1,
    Array.from({ length: steps + 1 }, (_, n) => Math.round(10 * low + n) / 10),
    label,
  );
  const y = yOn(FRAME, axisY);
  const drawn = (each: Jitter, kind: Kind, name: string) =>
    line(
      curve(each, kind, of).map(([at, score]) => [x(at), y(score)]),
      name,
    );
  const thin = swept.map(
    ([name, set]) => `<g><title>${escapeHtml(name)}</title>${drawn(set.jitter, 'outward', 'thin')}</g>`,
  );
  const ends = (['outward', 'fixed'] as const).map((kind) => {
    const [at, score] = curve(jitter, kind, of).at(-1) ?? [0, 0];
    return `<text class="tick" x="${px(x(at) + 6)}" y="${px(y(score) + 4)}">${kind === 'fixed' ? 'exactly' : 'up to'}</text>`;
  });
  const thick = drawn(jitter, 'outward', 'thick') + drawn(jitter, 'fixed', 'thick dashed');
  const axes = horizontalAxis(FRAME, X) + verticalAxis(FRAME, axisY);
  return svg(500, 360, `${label} by how far the box is moved`, axes + thin.join('') + thick + ends.join(''));
}

const X = linear(0, 20, [0, 5, 10, 20], 'each side outward, px at 1024');

type Kind = 'outward' | 'fixed';

const curve = ({ tight, moved }: Jitter, kind: Kind, of: keyof Score): (readonly [px1024: number, score: number])[] => [
  [0, tight[of]],
  ...BOX_MOVES.filter(({ name }) => name.startsWith(kind)).map(
    ({ name, px1024 }) => [px1024, moved[name]?.[of] ?? 0] as const,
  ),
];
