import { frameKeyOf, longestDiameterMm, volumeMl, type SeriesFrame } from '@ohif-medsam/protocol';
import type { SegmentMask } from './documentView.ts';

export interface Measures {
  /** undefined where the series has no geometry */
  readonly volumeMl: number | undefined;
  /** Longest in-plane diameter over all frames. */
  readonly diameterMm: number | undefined;
  readonly frames: number;
}

const known = new WeakMap<SegmentMask, Measures>();

/** Masks are never changed in place, so each is measured once. @param frames - In geometric order. */
export function measure(mask: SegmentMask, frames: readonly SeriesFrame[]): Measures {
  const before = known.get(mask);
  if (before) return before;
  const diameters = frames.flatMap((frame) => {
    const runs = mask.get(frameKeyOf(frame));
    return runs && frame.pixelSpacing ? [longestDiameterMm(runs, frame.columns, frame.pixelSpacing)] : [];
  });
  const measures = {
    volumeMl: volumeMl(frames, (frame) => mask.get(frameKeyOf(frame)) ?? []),
    diameterMm: diameters.length === 0 ? undefined : Math.max(...diameters),
    frames: mask.size,
  };
  known.set(mask, measures);
  return measures;
}
