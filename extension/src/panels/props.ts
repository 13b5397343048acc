import type { Actions } from '../session/actions.ts';
import type { SessionState } from '../session/state.ts';

export interface PanelProps {
  readonly state: SessionState;
  readonly actions: Actions;
}

export const css = ([r, g, b]: readonly [number, number, number]): string =>
  `rgb(${String(r)} ${String(g)} ${String(b)})`;
