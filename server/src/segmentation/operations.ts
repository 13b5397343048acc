import {
  codeSchema,
  codingSchema,
  colorSchema,
  doubtSchema,
  frameKeySchema,
  idSchema,
  maskEditSchema,
  planeSchema,
  promptDeleteSchema,
  boxSchema,
  pointsSchema,
  reviewStatusSchema,
  runsSchema,
  segmentDeleteSchema,
  segmentUpdateSchema,
  sha256Schema,
  uidSchema,
  type Cell,
  type ClientOperation,
  type SavedAs,
  type Segment,
} from '@ohif-medsam/protocol';
import { z } from 'zod';

/** How the pixels came to be, as DICOM names it: Segment Algorithm Type, Name and Identification (PS3.3 C.8.20.2). */
const algorithmSchema = z.object({
  type: z.enum(['MANUAL', 'SEMIAUTOMATIC', 'AUTOMATIC']),
  name: z.string().exactOptional(),
  version: z.string().exactOptional(),
  modelSha256: sha256Schema.exactOptional(),
  identification: z
    .object({
      family: codeSchema,
      name: z.string().exactOptional(),
      source: z.string().exactOptional(),
      parameters: z.string().exactOptional(),
    })
    .exactOptional(),
});

const maskSchema = z.object({ frame: frameKeySchema, runs: runsSchema });

/** The mask that a model made of a box. A promptId used again supersedes the box and mask that stood under it. */
const promptSchema = z.object({
  kind: z.literal('prompt'),
  promptId: idSchema,
  segmentId: idSchema,
  plane: planeSchema,
  box: boxSchema,
  points: pointsSchema.exactOptional(),
  masks: z.array(maskSchema),
  algorithm: algorithmSchema,
});

/** Masks of a propagation. A propagationId used again adds to the masks that came before: all are one step of history. */
const propagationSchema = z.object({
  kind: z.literal('propagation'),
  propagationId: idSchema,
  segmentId: idSchema,
  /** From which the propagation went out. */
  plane: planeSchema,
  masks: z.array(maskSchema),
  /** The planes of these masks, with what the model said of them. */
  findings: z
    .array(z.object({ plane: planeSchema, score: z.number().exactOptional(), doubt: doubtSchema.exactOptional() }))
    .exactOptional(),
  /** Planes that were looked at again, and what older propagations had left there, which goes. */
  cleared: z.array(z.object({ plane: planeSchema, masks: z.array(maskSchema) })).exactOptional(),
  /** Of older ones only that goes; those of journals from before this was noted replace the former one from their plane as a whole. */
  replaces: z.literal('cleared').exactOptional(),
  algorithm: algorithmSchema,
  /** More was to come when this was written; what never came was interrupted. */
  unfinished: z.literal(true).exactOptional(),
});
export type PropagationOperation = z.output<typeof propagationSchema>;

export const savedSchema = z.object({
  revision: z.int().min(0),
  segSeriesUid: uidSchema,
  sopInstanceUid: uidSchema,
  instanceNumber: z.int().min(1),
}) satisfies z.ZodType<SavedAs>;

export const segmentSchema = z.object({
  id: idSchema,
  number: z.int().min(1),
  label: z.string(),
  description: z.string().exactOptional(),
  color: colorSchema,
  coding: codingSchema,
  tracking: z.object({ id: z.string(), uid: uidSchema }),
  algorithm: algorithmSchema,
  review: reviewSchema(),
}) satisfies z.ZodType<Segment>;

function reviewSchema() {
  return z.object({
    status: reviewStatusSchema,
    by: z.string().exactOptional(),
    at: z.string().exactOptional(),
    comment: z.string().exactOptional(),
  });
}

const cellSchema = z.object({ segmentId: idSchema, frame: frameKeySchema, runs: runsSchema }) satisfies z.ZodType<Cell>;

/**
 * What stands in the journal: an operation with everything decided that the server decides (numbers, tracking ids, names, times), so
 * that the same journal gives the same document.
 */
export const loggedOperationSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('segment:add'), segment: segmentSchema }),
  segmentUpdateSchema,
  segmentDeleteSchema,
  z.object({ kind: z.literal('segment:review'), segmentId: idSchema, review: reviewSchema() }),
  maskEditSchema,
  promptSchema,
  promptDeleteSchema,
  propagationSchema,
  z.object({
    kind: z.literal('load'),
    segments: z.array(segmentSchema),
    cells: z.array(cellSchema),
    saved: savedSchema,
  }),
  z.object({
    kind: z.literal('saved'),
    saved: savedSchema,
    /** Revision of the newest load that stood then and can be undone, or 0; absent in journals of before it was noted. */
    opening: z.int().min(0).optional(),
  }),
]);
export type LoggedOperation = z.output<typeof loggedOperationSchema>;

/** One step of a document, as the journal keeps it. Undo and redo name no target: it follows from the steps before. */
export const stepSchema = z.discriminatedUnion('step', [
  z.object({ step: z.literal('apply'), operation: loggedOperationSchema }),
  z.object({ step: z.literal('undo') }),
  z.object({ step: z.literal('redo') }),
]);
export type Step = z.output<typeof stepSchema>;

/** A segment of a stored DICOM-SEG. Its number is given anew; its tracking id and uid stay for good. */
export type LoadedSegment = Omit<Segment, 'number' | 'review'>;

/** What may be asked of a document: by a client, or by the server on behalf of a participant. */
export type Operation =
  | ClientOperation
  | z.output<typeof promptSchema>
  | z.output<typeof propagationSchema>
  /** A reopened DICOM-SEG becomes the content. What stood there before can be undone back. */
  | {
      readonly kind: 'load';
      readonly segments: readonly LoadedSegment[];
      readonly cells: readonly Cell[];
      readonly from: Omit<SavedAs, 'revision'>;
    }
  /** The content of `saved.revision`, as of this opening, stands in the archive. */
  | { readonly kind: 'saved'; readonly saved: SavedAs; readonly opening: number };
