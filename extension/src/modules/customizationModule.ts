import { BOX_TOOL, LABELMAP_PANEL_ID, PANEL_ID } from '../id.ts';

interface Hotkey {
  readonly commandName: string;
  readonly commandOptions?: Readonly<Record<string, unknown>>;
  readonly label: string;
  readonly keys: readonly string[];
  readonly isEditable?: boolean;
}

const BOX_BUTTON = {
  id: BOX_TOOL,
  uiType: 'ohif.toolButton',
  props: {
    icon: 'tool-rectangle',
    label: 'MedSAM box',
    tooltip: 'MedSAM box (B): draw a box around a structure to segment it; move a handle to segment again',
    commands: { commandName: 'setToolActiveToolbar', commandOptions: { toolName: BOX_TOOL } },
    evaluate: 'evaluate.cornerstoneTool',
  },
};

const HOTKEYS: readonly Hotkey[] = [
  {
    commandName: 'setToolActiveToolbar',
    commandOptions: { toolName: BOX_TOOL },
    label: 'MedSAM box',
    keys: ['b'],
    isEditable: true,
  },
  { commandName: 'medsamNextLook', label: 'Next slice that needs a look', keys: ['x'], isEditable: true },
  { commandName: 'medsamPreviousLook', label: 'Previous slice that needs a look', keys: ['shift+x'], isEditable: true },
  // OHIF binds one key to a command: `redo` itself keeps Ctrl+Y.
  { commandName: 'medsamRedo', label: 'Redo (as elsewhere)', keys: ['ctrl+shift+z'], isEditable: true },
];

/** OHIF's brush, which had B, moves to P (paint). */
const withMedsamHotkeys = (stock: readonly Hotkey[]): Hotkey[] => [
  ...stock.map((hotkey) => (hotkey.keys.includes('b') ? { ...hotkey, keys: ['p'] } : hotkey)),
  ...HOTKEYS,
];

/** A tab of OHIF's side panel: one panel, or several on top of each other. */
type Tab = string | readonly string[];

/**
 * Our panel on top of OHIF's brush, eraser and scissors, in one tab: only the tab in front is mounted, and with the first mask
 * a segmentation mode brings OHIF's own to the front. A stack has the id of its first panel, so that ours stays where it is.
 */
const withMedsamPanel = (tabs: readonly Tab[]): Tab[] =>
  tabs.includes(LABELMAP_PANEL_ID)
    ? tabs.map((tab) => (tab === LABELMAP_PANEL_ID ? [PANEL_ID, LABELMAP_PANEL_ID] : tab))
    : [PANEL_ID, ...tabs];

/** Changes to a segmentation mode in immutability-helper commands, as OHIF's customization service takes them. */
const SEGMENTATION_MODE = {
  rightPanels: { $apply: withMedsamPanel },
  toolbarButtons: { $push: [BOX_BUTTON] },
  'cornerstone.segmentationModeToolbarSections': { primary: { $unshift: [BOX_TOOL] } },
  toolGroupAdditions: {
    default: { $push: [{ passive: [{ toolName: BOX_TOOL }] }] },
    mpr: { $push: [{ passive: [{ toolName: BOX_TOOL }] }] },
  },
  'ohif.hotkeyBindings': { $apply: withMedsamHotkeys },
  // OHIF computes them from a copy of the segments and writes that whole copy back a second or more later: with the active
  // segment of then, so that a brush would paint into another segment than the one chosen since. The panel has its own numbers.
  'panelSegmentation.disableUpdateSegmentationStats': { $set: true },
};

export const customizationModule = (): { name: string; value: object }[] => [
  { name: 'segmentation', value: SEGMENTATION_MODE },
];
