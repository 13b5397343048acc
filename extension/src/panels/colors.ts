import type { Color } from '@ohif-medsam/protocol';

/** As a colour field of a form has it: `#rrggbb`. */
export const hexOf = (color: Color): string => `#${color.map((c) => c.toString(16).padStart(2, '0')).join('')}`;

/** @param hex - `#rrggbb` */
export const colorOfHex = (hex: string): Color =>
  [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as Color;
