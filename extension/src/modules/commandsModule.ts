import type { Session } from '../compose.ts';
import type { CommandsManager } from '../ohif.ts';

/** Where OHIF keeps its own undo and redo, for modes without MedSAM. */
const STOCK_CONTEXT = 'CORNERSTONE';

/**
 * Undo of masks is the server's, which knows every step of everybody: OHIF's own would take a brush stroke back on this page
 * only. What is not the document's, as measurements are, stays with OHIF's. Registered in a context of our own, which OHIF looks into before its own; so its buttons and hotkeys come here too.
 */
export function commandsModule({ owns, actions }: Session, commandsManager: CommandsManager) {
  const stock = (command: string) => commandsManager.runCommand(command, {}, STOCK_CONTEXT);
  const undo = () => (owns('undo') ? actions.undo() : stock('undo'));
  const redo = () => (owns('redo') ? actions.redo() : stock('redo'));
  return { defaultContext: 'MEDSAM', definitions: { undo, redo, medsamRedo: redo } };
}
