import { countPixels, intersect, type Runs, type StopReason } from '@ohif-medsam/protocol';

/** What the rule knows of one plane. */
export interface Finding {
  readonly runs: Runs;
  /** The model's own estimate, 0 to 1; nothing for a mask that a person made. */
  readonly score?: number;
  /** How well the mask parts the object's grey levels, as on the first plane, from others (appearance.ts). */
  readonly separation: number;
}

/**
 * Limits of what still is the same object. Chosen on training volumes (hippocampi of the Medical Segmentation Decathlon
 * along three axes, and the organs of the phantom), never on evaluation data.
 */
export const STOP = {
  /** Fewer pixels than this are noise. */
  pixels: 6,
  /** Predicted IoU: a Dice of 0.6. */
  score: 0.43,
  /** Area of a mask over that of the one before. */
  growth: 2.5,
  shrinkage: 0.25,
  /** Shared pixels over those of the smaller mask. */
  overlap: 0.5,
  /** Separation over that on the first plane: 0.3 lets 1 of 200 planes beyond the ends pass, 0 lets 34. */
  separation: 0.3,
} as const;

/**
 * Decides whether a mask that was carried to the next plane still shows the object. A box model that is asked about a box
 * finds something nearly everywhere, and is sure of it: what gives it away is that the mask's outline no longer runs between
 * what looks like the object and what does not.
 * @param first - On the plane that the person prompted.
 * @param previous - On the plane before this one.
 * @returns Why to stop without this mask, or nothing to go on with it.
 */
export function stopReason(first: Finding, previous: Finding, next: Finding): StopReason | undefined {
  const pixels = countPixels(next.runs);
  if (pixels < STOP.pixels) return 'object-ended';
  if (!resembles(first, next.separation)) return 'object-ended';
  if ((next.score ?? 1) < STOP.score) return 'object-lost';
  const before = countPixels(previous.runs);
  if (pixels > before * STOP.growth || pixels < before * STOP.shrinkage) return 'object-lost';
  const shared = countPixels(intersect(previous.runs, next.runs));
  return shared < STOP.overlap * Math.min(before, pixels) ? 'object-lost' : undefined;
}

/** Whether a mask of this separation still outlines what looks like the object of the first plane. */
export const resembles = (first: Finding, separation: number): boolean =>
  separation >= STOP.separation * first.separation;
