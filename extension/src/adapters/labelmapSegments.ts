import { segmentation as segmentations } from '@cornerstonejs/tools';
import type { Segment } from '@ohif-medsam/protocol';
import type { SessionState } from '../session/state.ts';

const OPAQUE = 255;

/** A segment with the label under which the viewer shows it. */
type ShownSegment = Segment & { readonly slot: number };

/**
 * Shows the document's segments in OHIF: its names, colours, visibility, and which one the brush paints. None is locked there:
 * see `keepApproved`. @param viewportIds - Viewports that show the labelmap.
 */
export function showSegments(segmentationId: string, state: SessionState, viewportIds: readonly string[]): void {
  const { document, activeSegmentId, hidden } = state;
  if (!document) return;
  const shown = document.segments.flatMap((segment) => {
    const slot = document.slots.get(segment.id);
    return slot === undefined ? [] : [{ ...segment, slot }];
  });
  const { getActiveSegmentIndex, setActiveSegmentIndex } = segmentations.segmentIndex;
  const shownActive = getActiveSegmentIndex(segmentationId);
  const segments = shown.map(({ slot, label }) => ({
    segmentIndex: slot,
    label,
    locked: false,
    active: slot === shownActive,
    cachedStats: {},
  }));
  const bySlot = Object.fromEntries(segments.map((segment) => [segment.segmentIndex, segment]));
  if (!sameSegments(segmentations.state.getSegmentation(segmentationId)?.segments, bySlot))
    segmentations.updateSegmentations([{ segmentationId, payload: { segments: bySlot } }]);
  const active = shown.find(({ id }) => id === activeSegmentId);
  // By its own function, which also tells the brush: it keeps what it had under the pointer.
  if (active && active.slot !== getActiveSegmentIndex(segmentationId))
    setActiveSegmentIndex(segmentationId, active.slot);
  for (const viewportId of viewportIds) showInViewport(viewportId, segmentationId, shown, hidden);
}

/** What a viewport shows of it, if it does: a labelmap, of which OHIF makes a surface in 3D viewports. */
export const representationIn = (viewportId: string, segmentationId: string) =>
  segmentations.state.getSegmentationRepresentations(viewportId, { segmentationId })[0];

/** Makes it the one that brush and eraser work on, in viewports that show it. */
export function activate(segmentationId: string, viewportIds: readonly string[]): void {
  const { getActiveSegmentation, setActiveSegmentation } = segmentations.activeSegmentation;
  for (const viewportId of viewportIds) {
    const isActive = getActiveSegmentation(viewportId)?.segmentationId === segmentationId;
    if (!isActive && representationIn(viewportId, segmentationId)) setActiveSegmentation(viewportId, segmentationId);
  }
}

function showInViewport(
  viewportId: string,
  segmentationId: string,
  segments: readonly ShownSegment[],
  hidden: ReadonlySet<string>,
): void {
  const { color, visibility } = segmentations.config;
  const representation = representationIn(viewportId, segmentationId);
  if (!representation) return;
  const { type, segments: known } = representation;
  for (const { id, slot, color: rgb } of segments) {
    const [r, g, b] = color.getSegmentIndexColor(viewportId, segmentationId, slot);
    if (r !== rgb[0] || g !== rgb[1] || b !== rgb[2])
      color.setSegmentIndexColor(viewportId, segmentationId, slot, [...rgb, OPAQUE]);
    // Of a segment that was never worked on here the viewer knows none.
    if (known[slot]?.visible === hidden.has(id))
      visibility.setSegmentIndexVisibility(viewportId, { segmentationId, type }, slot, !hidden.has(id));
  }
}

type Shown = Record<number, { readonly label: string; readonly active: boolean }>;

/** Updating them makes OHIF draw its lists anew, so it is done only when something differs. */
function sameSegments(shown: Shown | undefined, wanted: Shown): boolean {
  const keys = Object.keys(wanted).map(Number);
  return (
    shown !== undefined &&
    Object.keys(shown).length === keys.length &&
    keys.every((n) => {
      const [a, b] = [shown[n], wanted[n]];
      return a?.label === b?.label && a?.active === b?.active;
    })
  );
}
