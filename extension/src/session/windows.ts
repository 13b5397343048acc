import { CT_WINDOWS, ctWindowFor, type UsedWindow } from '@ohif-medsam/protocol';
import type { SessionState } from './state.ts';

/** Level and width of the window that the model sees through now; undefined where only the server can say, by the pixels. */
export function windowNow({ window, series, modelView, answer }: SessionState): UsedWindow | undefined {
  if (window.kind === 'level') return { ...window, label: 'Custom' };
  if (window.kind === 'preset') return CT_WINDOWS.find(({ id }) => id === window.id);
  if (series?.modality === 'CT') return ctWindowFor(series.bodyPart);
  return modelView?.window ?? answer?.window ?? undefined;
}
