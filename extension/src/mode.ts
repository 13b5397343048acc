import { MODE_CUSTOMIZATION, MODE_ID } from './id.ts';

interface StockMode {
  readonly onModeEnter: unknown;
}

/**
 * The mode MedSAM: OHIF's own segmentation mode plus the customization block that any site may also put into a mode of its
 * own. The segmentation mode's `onModeEnter` jumps to the stock panel with the first mask; the basic mode's does not.
 */
export const mode = {
  id: MODE_ID,
  modeFactory: async ({
    loadModules,
  }: {
    loadModules: (names: string[]) => Promise<{ modeInstance: StockMode }[]>;
  }) => {
    const [segmentation, basic] = await loadModules(['@ohif/mode-segmentation', '@ohif/mode-basic']);
    if (!segmentation || !basic) throw new Error("MedSAM: the viewer lacks OHIF's segmentation mode.");
    return {
      ...segmentation.modeInstance,
      id: MODE_ID,
      routeName: 'medsam',
      displayName: 'MedSAM',
      onModeEnter: basic.modeInstance.onModeEnter,
      modeCustomizations: [MODE_CUSTOMIZATION],
    };
  },
};
