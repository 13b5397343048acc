import { z } from 'zod';
import type { WireError } from '../errors/appError.ts';
import type { Plane } from '../geometry/plane.ts';
import { LIMITS } from '../limits.ts';
import { idSchema, uidSchema } from './primitives.ts';
import { planeSchema } from './series.ts';
import { sliceHashSchema, windowChoiceSchema, type OfSlice } from './slice.ts';

/** `propagation:start`: carry the mask of a segment from one plane to its neighbours along the plane's axis. */
export const propagationStartSchema = z.object({
  seriesUid: uidSchema,
  propagationId: idSchema,
  segmentId: idSchema,
  plane: planeSchema,
  sliceHash: sliceHashSchema,
  direction: z.enum(['both', 'forward', 'backward']),
  /** At most so many planes each way. */
  reach: z.int().min(1).max(LIMITS.framesPerSeries).optional(),
  /** No plane farther away than this; only in a series with geometry. */
  reachMm: z.number().positive().optional(),
  window: windowChoiceSchema,
  modelId: z.string().max(64).optional(),
});
export type PropagationStart = OfSlice<z.output<typeof propagationStartSchema>>;

export const propagationNameSchema = z.object({ seriesUid: uidSchema, propagationId: idSchema });

/** Why a propagated mask is not the model's own answer. */
export const doubtSchema = z.enum([
  /** That one did not show the object, but that on the next plane did: it is the shape between its neighbours. */
  'bridged',
  /** Between two masks of a person's that one differed much from the shape between them, which stands. */
  'disagreed',
]);
export type Doubt = z.output<typeof doubtSchema>;

/** Why propagation ended in one direction. */
export type StopReason =
  /** The model found nothing on the next slice. */
  | 'object-ended'
  /** What it found no longer resembles the object: area, place or score broke off. */
  | 'object-lost'
  /** The next plane has a box or a correction of a person's, and beyond it all is done. */
  | 'anchor'
  | 'reach'
  | 'series-end'
  /** The pixels of the next slice never arrived. */
  | 'slice-missing'
  | 'cancelled'
  | 'failed'
  /** The server ended before the propagation did. */
  | 'interrupted';

/** Event `propagation:progress`. The masks themselves arrive as `document:changed`. */
export interface PropagationProgress {
  readonly seriesUid: string;
  readonly propagationId: string;
  readonly segmentId: string;
  /** Planes done so far, and the most there can be. */
  readonly done: number;
  readonly total: number;
  /** Nothing is asked of the model until somebody resumes it. */
  readonly paused: boolean;
}

/** Event `propagation:ended`. */
export interface PropagationEnded {
  readonly seriesUid: string;
  readonly propagationId: string;
  readonly segmentId: string;
  readonly planes: number;
  readonly forward: StopReason | null;
  readonly backward: StopReason | null;
  /** How far it came each way before it was interrupted. */
  readonly reached?: { readonly forward: Plane | null; readonly backward: Plane | null };
  /** What a direction that `failed` met. */
  readonly error?: WireError;
}

/** Event `slice:wanted`: the server needs these planes now, in this order; push them by `slice:put`. */
export interface SliceWanted {
  readonly seriesUid: string;
  readonly planes: readonly z.output<typeof planeSchema>[];
}
