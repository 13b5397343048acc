import { forEachRun, type CellEdit, type FrameKey } from '@ohif-medsam/protocol';
import { maskOf, type DocumentView } from './documentView.ts';
import type { Slots } from './slots.ts';

/**
 * What a viewer's labelmap shows of one frame: one byte per pixel, row-major, the slot of the segment there, 0 for none.
 * Where segments overlap, which a labelmap cannot show, the one added last lies on top.
 * @param pixels - rows * columns of the frame.
 * @param hidden - Ids of segments that are not shown: they cover nothing.
 */
export function composeLabels(
  document: DocumentView,
  frame: FrameKey,
  pixels: number,
  hidden: ReadonlySet<string>,
): Uint8Array {
  const labels = new Uint8Array(pixels);
  for (const { id } of document.segments) {
    const slot = document.slots.get(id);
    if (slot === undefined || hidden.has(id)) continue;
    forEachRun(maskOf(document, id).get(frame) ?? [], (start, end) => labels.fill(slot, start, end));
  }
  return labels;
}

export type LabelEdit = CellEdit & { readonly segmentId: string };

/**
 * What somebody painted: the difference between two labelmaps of a frame as edits per segment. A pixel painted over leaves
 * the segment it belonged to. Labels that are no segment's, such as the preview colour of OHIF's brush, are not edits.
 */
export function editsBetween(before: Uint8Array, after: Uint8Array, frame: FrameKey, slots: Slots): LabelEdit[] {
  const idOf = new Map([...slots].map(([id, slot]) => [slot, id]));
  const edits = new Map<string, { add: number[]; remove: number[] }>();
  const editOf = (id: string) => {
    const edit = edits.get(id) ?? { add: [], remove: [] };
    edits.set(id, edit);
    return edit;
  };
  for (let at = 0; at < after.length; at++) {
    const [was, is] = [before[at] ?? 0, after[at] ?? 0];
    if (was === is || (is !== 0 && !idOf.has(is))) continue;
    const [from, to] = [idOf.get(was), idOf.get(is)];
    if (from !== undefined) appendPixel(editOf(from).remove, at);
    if (to !== undefined) appendPixel(editOf(to).add, at);
  }
  return [...edits].map(([segmentId, { add, remove }]) => ({ segmentId, frame, add, remove }));
}

/**
 * Takes back, in `after`, what was painted over approved segments: those are read-only, and a stroke ends at their edge.
 * Not by the viewer's own lock, with which its brush moves what it paints into a second labelmap, under label 1.
 * @returns Whether there was something to take back.
 */
export function keepApproved(before: Uint8Array, after: Uint8Array, { segments, slots }: DocumentView): boolean {
  const approved = new Set(
    segments.filter(({ review }) => review.status === 'approved').flatMap(({ id }) => slots.get(id) ?? []),
  );
  if (approved.size === 0) return false;
  let kept = false;
  for (let at = 0; at < after.length; at++) {
    const was = before[at] ?? 0;
    if (was === after[at] || !approved.has(was)) continue;
    after[at] = was;
    kept = true;
  }
  return kept;
}

/** Runs grow at their end only: pixels come in ascending order. */
function appendPixel(runs: number[], at: number): void {
  const length = runs.at(-1);
  const start = runs.at(-2);
  if (start !== undefined && length !== undefined && start + length === at) runs[runs.length - 1] = length + 1;
  else runs.push(at, 1);
}
