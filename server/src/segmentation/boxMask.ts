import { planeKeyOf, type FrameMask, type Plane } from '@ohif-medsam/protocol';
import { standing } from './log.ts';
import type { DocumentState } from './state.ts';

/** The mask that a box on this plane made by itself, without what was painted since; empty where no such box stands. */
export function boxMaskOf({ log }: DocumentState, promptId: string, plane: Plane): readonly FrameMask[] {
  const boxes = standing(log).flatMap(({ operation }) => (operation.kind === 'prompt' ? [operation] : []));
  const found = boxes.find((box) => box.promptId === promptId && planeKeyOf(box.plane) === planeKeyOf(plane));
  return found?.masks ?? [];
}
