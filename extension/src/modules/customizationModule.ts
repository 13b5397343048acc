import { ADD_TOOL, BOX_TOOL, LABELMAP_PANEL_ID, PANEL_ID, TAKE_TOOL, TAKES_POINTS } from '../id.ts';

interface Hotkey {
  readonly commandName: string;
  readonly commandOptions?: Readonly<Record<string, unknown>>;
  readonly label: string;
  readonly keys: readonly string[];
  readonly isEditable?: boolean;
}

const activate = (toolName: string) => ({ commandName: 'setToolActiveToolbar', commandOptions: { toolName } });

const CORNERSTONE_TOOL = 'evaluate.cornerstoneTool';

/** In the order of the toolbar. */
const TOOLS = [
  {
    id: BOX_TOOL,
    key: 'b',
    icon: 'tool-rectangle',
    label: 'MedSAM box',
    tooltip: 'MedSAM box (B): draw a box around a structure to segment it; move a handle to segment again',
    evaluate: [CORNERSTONE_TOOL],
  },
  {
    id: ADD_TOOL,
    key: 'm',
    icon: 'actions-combine-merge',
    label: 'Add to mask',
    tooltip: 'Add to mask (M): click on what the mask of your box misses',
    evaluate: [CORNERSTONE_TOOL, TAKES_POINTS],
  },
  {
    id: TAKE_TOOL,
    key: 'shift+m',
    icon: 'actions-combine-subtract',
    label: 'Take from mask',
    tooltip: 'Take from mask (Shift+M): click on what the mask of your box should not hold',
    evaluate: [CORNERSTONE_TOOL, TAKES_POINTS],
  },
];
const TOOL_IDS = TOOLS.map(({ id }) => id);

const BUTTONS = TOOLS.map(({ id, icon, label, tooltip, evaluate }) => ({
  id,
  uiType: 'ohif.toolButton',
  props: { icon, label, tooltip, commands: activate(id), evaluate },
}));

const HOTKEYS: readonly Hotkey[] = [
  ...TOOLS.map(({ id, key, label }) => ({ ...activate(id), label, keys: [key], isEditable: true })),
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
  toolbarButtons: { $push: BUTTONS },
  'cornerstone.segmentationModeToolbarSections': { primary: { $unshift: TOOL_IDS } },
  toolGroupAdditions: {
    default: { $push: [{ passive: TOOL_IDS.map((toolName) => ({ toolName })) }] },
    mpr: { $push: [{ passive: TOOL_IDS.map((toolName) => ({ toolName })) }] },
  },
  'ohif.hotkeyBindings': { $apply: withMedsamHotkeys },
  // OHIF computes them from a copy of the segments and writes that whole copy back a second or more later: with the active
  // segment of then, so that a brush would paint into another segment than the one chosen since. The panel has its own numbers.
  'panelSegmentation.disableUpdateSegmentationStats': { $set: true },
};

export const customizationModule = (): { name: string; value: object }[] => [
  { name: 'segmentation', value: SEGMENTATION_MODE },
];
