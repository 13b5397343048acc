/** OHIF wants an extension's id to be its package name; both are also the names of the bundle's window globals. */
export const EXTENSION_ID = '@ohif-medsam/extension';
export const MODE_ID = '@ohif-medsam/mode';
export const PANEL_ID = `${EXTENSION_ID}.panelModule.medsam`;
/** To be named in `customizationService.mode.<mode>` of the viewer's config to bring tool and panel into that mode. */
export const MODE_CUSTOMIZATION = `${EXTENSION_ID}.customizationModule.segmentation`;
export const BOX_TOOL = 'MedsamBox';
