import { drawPixelsOnce } from './adapters/softwareDrawing.ts';
import { compose } from './compose.ts';
import type { Session } from './session/session.ts';
import { EXTENSION_ID, MODE_ID } from './id.ts';
import { mode } from './mode.ts';
import { commandsModule } from './modules/commandsModule.ts';
import { customizationModule } from './modules/customizationModule.ts';
import { panelModule } from './modules/panelModule.tsx';
import { startWithPanel } from './modules/startWithPanel.ts';
import { toolbarModule } from './modules/toolbarModule.ts';
import type { ExtensionContext } from './ohif.ts';
import { registerBoxTool } from './tools/BoxTool.ts';
import { registerPointTools } from './tools/pointTools.ts';

let composed: Session | undefined;
const sessionOf = (context: ExtensionContext): Session => (composed ??= compose(context));

const extension = {
  id: EXTENSION_ID,
  preRegistration: (context: ExtensionContext) => {
    drawPixelsOnce();
    registerBoxTool();
    registerPointTools();
    startWithPanel(sessionOf(context), context.servicesManager.services);
  },
  onModeExit: () => composed?.stop(),
  getCommandsModule: (context: ExtensionContext) => commandsModule(sessionOf(context), context),
  getCustomizationModule: customizationModule,
  getPanelModule: (context: ExtensionContext) => panelModule(sessionOf(context)),
  getToolbarModule: (context: ExtensionContext) => toolbarModule(sessionOf(context)),
};

// One bundle, two globals: OHIF 3.14 looks for an extension and for a mode under their package names.
(window as unknown as Record<string, unknown>)[MODE_ID] = mode;

export default extension;
