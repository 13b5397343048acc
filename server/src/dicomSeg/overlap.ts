import type { Runs } from '@ohif-medsam/protocol';
import type { SegFrame } from './functionalGroups.ts';

/** Whether any pixel belongs to two segments. */
export function overlap(frames: readonly SegFrame[]): boolean {
  const byFrame = new Map<string, Runs[]>();
  for (const { source, runs } of frames) byFrame.set(source.key, [...(byFrame.get(source.key) ?? []), runs]);
  return [...byFrame.values()].some(anyPixelTwice);
}

function anyPixelTwice(masks: readonly Runs[]): boolean {
  if (masks.length < 2) return false;
  const runs = masks.flatMap((mask) =>
    Array.from({ length: mask.length / 2 }, (_, n) => [mask[2 * n] ?? 0, mask[2 * n + 1] ?? 0] as const),
  );
  runs.sort(([a], [b]) => a - b);
  return runs.some(([start], n) => n > 0 && start < (runs[n - 1]?.[0] ?? 0) + (runs[n - 1]?.[1] ?? 0));
}
