import { planeKeyOf, type Plane } from '@ohif-medsam/protocol';
import { standing } from './log.ts';
import type { DocumentState } from './state.ts';

/**
 * The planes on which a person decided what the mask of a segment is: with a box, or with brush, eraser and scissors. What is too
 * old to be undone is known as an anchor by its box only.
 */
export function anchorsOf({ prompts, log }: DocumentState, segmentId: string): Plane[] {
  const boxed = prompts.filter((prompt) => prompt.segmentId === segmentId).map(({ plane }) => plane);
  const edited = standing(log).flatMap(({ operation }) =>
    operation.kind === 'mask:edit'
      ? operation.edits.filter((edit) => edit.segmentId === segmentId).map(({ frame }): Plane => ({ axis: 'k', frame }))
      : [],
  );
  return [...new Map([...boxed, ...edited].map((plane) => [planeKeyOf(plane), plane])).values()];
}
