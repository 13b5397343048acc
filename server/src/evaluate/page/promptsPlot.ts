/** How many objects of the volumes are good enough after so many prompts. */
import type { VolumesReport } from '../volume/volumesReport.ts';
import { escapeHtml, horizontalAxis, line, linear, px, svg, verticalAxis, xOn, yOn, type Frame } from './svg.ts';

const FRAME: Frame = { left: 52, top: 10, width: 400, height: 260 };

export function promptsPlot(volumes: VolumesReport): string {
  const axisY = linear(0, 1, [0, 0.25, 0.5, 0.75, 1], 'share of objects at the target');
  const needed = Object.values(volumes).flatMap(({ objects }) => objects.flatMap(({ prompts }) => prompts ?? []));
  const most = Math.max(2, ...needed);
  const step = Math.max(1, Math.ceil(most / 10));
  const ticks = Array.from({ length: Math.floor((most - 1) / step) + 1 }, (_, n) => 1 + n * step);
  const axisX = linear(1, most, ticks, 'prompts');
  const [x, y] = [xOn(FRAME, axisX), yOn(FRAME, axisY)];
  const curves = Object.entries(volumes).map(([name, { n, objects }], at) => {
    const points = Array.from({ length: most }, (_, before) => {
      const done = objects.filter(({ prompts }) => prompts !== null && prompts <= before + 1).length;
      return [x(before + 1), y(done / n)] as const;
    });
    const [endX, endY] = points.at(-1) ?? [0, 0];
    const label = `<text class="tick" x="${px(endX + 6)}" y="${px(endY + 4)}">${escapeHtml(name)}</text>`;
    return line(points, at === 0 ? 'thick' : 'thick dashed') + label;
  });
  const axes = horizontalAxis(FRAME, axisX) + verticalAxis(FRAME, axisY);
  return svg(570, 320, 'Objects that are good enough, by number of prompts', axes + curves.join(''));
}
