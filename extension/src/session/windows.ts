import { CT_WINDOWS, ctWindowFor, type UsedWindow, type WindowChoice } from '@ohif-medsam/protocol';
import type { SessionState } from './state.ts';

/** Level and width of the window that the model sees through now; undefined where only the server can say, by the pixels. */
export function windowNow({ window, series, modelView, answer }: SessionState): UsedWindow | undefined {
  if (window.kind === 'level') return { ...window, label: 'Custom' };
  if (window.kind === 'preset') return CT_WINDOWS.find(({ id }) => id === window.id);
  if (series?.modality === 'CT') return ctWindowFor(series.bodyPart);
  return modelView?.window ?? answer?.window ?? undefined;
}

/** To four digits, not to whole numbers: maps of ADC and FA have values far below one. */
const rounded = (value: number): number => Number(value.toPrecision(4));

/** A window of one's own that begins with another one. */
export const ownWindow = ({ center, width }: UsedWindow): WindowChoice => ({
  kind: 'level',
  center: rounded(center),
  width: rounded(width),
});

export const windowInWords = ({ label, center, width }: UsedWindow): string =>
  `${label}, width ${String(rounded(width))}, level ${String(rounded(center))}`;
