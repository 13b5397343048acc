import { planeKeyOf, type Plane } from '@ohif-medsam/protocol';
import type { DocumentState } from './state.ts';

/** The planes on which a person decided what the mask of a segment is: with a box, or with brush, eraser and scissors. */
export function anchorsOf({ prompts, cells }: DocumentState, segmentId: string): Plane[] {
  const boxed = prompts.filter((prompt) => prompt.segmentId === segmentId).map(({ plane }) => plane);
  const edited = [...(cells.get(segmentId) ?? [])].flatMap(([frame, { layers }]): Plane[] =>
    layers.some(({ byHand }) => byHand) ? [{ axis: 'k', frame }] : [],
  );
  return [...new Map([...boxed, ...edited].map((plane) => [planeKeyOf(plane), plane])).values()];
}
