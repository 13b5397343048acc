/** OHIF wants an extension's id to be its package name; both are also the names of the bundle's window globals. */
export const EXTENSION_ID = '@ohif-medsam/extension';
export const MODE_ID = '@ohif-medsam/mode';
export const PANEL_ID = `${EXTENSION_ID}.panelModule.medsam`;
/** To be named in `customizationService.mode.<mode>` of the viewer's config to bring tool and panel into that mode. */
export const MODE_CUSTOMIZATION = `${EXTENSION_ID}.customizationModule.segmentation`;
/** OHIF's own panel with brush, eraser and scissors, which it brings to the front with the first mask. */
export const LABELMAP_PANEL_ID = '@ohif/extension-cornerstone.panelModule.panelSegmentationWithToolsLabelMap';
/** The viewer's segmentation that shows the document on one stack of its series. */
export const segmentationIdOf = (displaySetUid: string): string => `medsam-${displaySetUid}`;
export const isSegmentationId = (id: string): boolean => id.startsWith(segmentationIdOf(''));
export const BOX_TOOL = 'MedsamBox';
export const ADD_TOOL = 'MedsamAddToMask';
export const TAKE_TOOL = 'MedsamTakeFromMask';
/** By this name buttons ask whether the chosen model takes points. */
export const TAKES_POINTS = 'evaluate.medsamTakesPoints';
