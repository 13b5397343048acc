import type { Session } from '../session/session.ts';
import { PANEL_ID } from '../id.ts';
import type { Services } from '../ohif.ts';

/**
 * Starts the session in every mode that has our panel, as soon as the mode lists it. Not with the panel itself: OHIF mounts
 * that only while its tab is open, and a box has to be answered with the side closed too.
 */
export function startWithPanel({ start }: Session, { panelService }: Services): void {
  panelService.subscribe(panelService.EVENTS.PANELS_CHANGED, ({ position }: { position: string }) => {
    if (panelService.getPanels(position).some(({ id }) => id === PANEL_ID)) start();
  });
}
