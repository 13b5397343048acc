import { MODE_CUSTOMIZATION, MODE_ID } from './id.ts';

/** The mode MedSAM: OHIF's own segmentation mode plus the customization block that any site may also put into a mode of its own. */
export const mode = {
  id: MODE_ID,
  modeFactory: async ({ loadModules }: { loadModules: (names: string[]) => Promise<{ modeInstance: object }[]> }) => {
    const [segmentation] = await loadModules(['@ohif/mode-segmentation']);
    if (!segmentation) throw new Error("MedSAM: the viewer lacks OHIF's segmentation mode.");
    return {
      ...segmentation.modeInstance,
      id: MODE_ID,
      routeName: 'medsam',
      displayName: 'MedSAM',
      modeCustomizations: [MODE_CUSTOMIZATION],
    };
  },
};
