import type { Segment } from '@ohif-medsam/protocol';
import type { Problem } from './problem.ts';

/** Segments that a labelmap can show: it has a byte per pixel, of which 0 is none and 255 the preview of OHIF's brush. */
export const MOST_SEGMENTS = 254;

export const TOO_MANY_SEGMENTS: Problem = {
  message: `The viewer shows at most ${String(MOST_SEGMENTS)} segments of a series.`,
  remedy: 'Delete segments that are not needed; then the others can be shown and worked on.',
};

/** The label, 1 to {@link MOST_SEGMENTS}, under which the viewer shows each segment, by segment id. */
export type Slots = ReadonlyMap<Segment['id'], number>;

/**
 * Gives living segments their labels. Segment numbers are never used again and outgrow them in time, so a label is given again once its
 * segment is gone; a segment keeps its own, since pixels stand under it. It is the segment's number where that is free.
 * @param before - Of the same document a moment ago.
 * @returns Without those segments for which no label is left.
 */
export function assignSlots(before: Slots, segments: readonly Pick<Segment, 'id' | 'number'>[]): Slots {
  const slots = new Map<Segment['id'], number>();
  for (const { id } of segments) {
    const kept = before.get(id);
    if (kept !== undefined) slots.set(id, kept);
  }
  const taken = new Set(slots.values());
  let lowest = 1;
  for (const { id, number } of segments) {
    if (slots.has(id)) continue;
    while (taken.has(lowest)) lowest++;
    const slot = number <= MOST_SEGMENTS && !taken.has(number) ? number : lowest;
    if (slot > MOST_SEGMENTS) continue;
    slots.set(id, slot);
    taken.add(slot);
  }
  return slots;
}
