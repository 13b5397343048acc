/** What all plots share: text that cannot break the page, axes, and places on them. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Names come from a folder that anybody may have made. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (one) => ENTITIES[one] ?? one);

/** To a tenth of a pixel: more digits only make the file larger. */
export const px = (value: number): string => String(Math.round(value * 10) / 10);

/** Where the plot's own area lies in its picture. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Axis {
  /** From a value to the share of the axis, 0 to 1. */
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
  readonly label: string;
  readonly show?: (value: number) => string;
}

export const linear = (from: number, to: number, ticks: readonly number[], label: string): Axis => ({
  at: (value) => (Math.min(to, Math.max(from, value)) - from) / (to - from),
  ticks,
  label,
});

/** 0 to 1 in steps of 0.2. */
export const unit = (label: string): Axis => linear(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1], label);

export const xOn =
  ({ left, width }: Frame, axis: Axis) =>
  (value: number) =>
    left + axis.at(value) * width;
export const yOn =
  ({ top, height }: Frame, axis: Axis) =>
  (value: number) =>
    top + (1 - axis.at(value)) * height;

const nameOf = ({ show }: Axis, value: number) => escapeHtml(show ? show(value) : String(value));

export function horizontalAxis(frame: Frame, axis: Axis): string {
  const { left, top, width, height } = frame;
  const bottom = top + height;
  const ticks = axis.ticks.map((value) => {
    const x = px(xOn(frame, axis)(value));
    return (
      `<path class="grid" d="M${x} ${px(top)}V${px(bottom)}"/>` +
      `<text class="tick middle" x="${x}" y="${px(bottom + 15)}">${nameOf(axis, value)}</text>`
    );
  });
  const label = `<text class="tick middle" x="${px(left + width / 2)}" y="${px(bottom + 33)}">${escapeHtml(axis.label)}</text>`;
  return ticks.join('') + label;
}

export function verticalAxis(frame: Frame, axis: Axis): string {
  const { left, top, width, height } = frame;
  const ticks = axis.ticks.map((value) => {
    const y = yOn(frame, axis)(value);
    return (
      `<path class="grid" d="M${px(left)} ${px(y)}H${px(left + width)}"/>` +
      `<text class="tick end" x="${px(left - 6)}" y="${px(y + 4)}">${nameOf(axis, value)}</text>`
    );
  });
  const [x, y] = [px(left - 38), px(top + height / 2)];
  const label = `<text class="tick middle" transform="translate(${x} ${y})rotate(-90)">${escapeHtml(axis.label)}</text>`;
  return ticks.join('') + label;
}

/** A cloud of dots as one element: three thousand of their own would make the page slow. */
export const dots = (points: readonly (readonly [x: number, y: number])[]): string =>
  `<path class="dots" d="${points.map(([x, y]) => `M${px(x)} ${px(y)}h0`).join('')}"/>`;

export const line = (points: readonly (readonly [x: number, y: number])[], name = ''): string =>
  `<path class="line ${name}" d="${points.map(([x, y], n) => `${n === 0 ? 'M' : 'L'}${px(x)} ${px(y)}`).join('')}"/>`;

/** @param title - For those who do not see it. */
export const svg = (width: number, height: number, title: string, content: string): string =>
  `<svg viewBox="0 0 ${px(width)} ${px(height)}" role="img" aria-label="${escapeHtml(title)}">${content}</svg>`;
