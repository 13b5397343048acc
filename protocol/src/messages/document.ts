import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import type { Plane } from '../geometry/plane.ts';
import type { Runs } from '../mask/runs.ts';
import {
  codeSchema,
  colorSchema,
  dicomTextSchema,
  frameKeySchema,
  idSchema,
  runsSchema,
  uidSchema,
  type Code,
} from './primitives.ts';
import type { Prompt } from './prompt.ts';
import type { Doubt } from './propagation.ts';

export const labelSchema = dicomTextSchema(LIMITS.labelLength);

/** What a segment shows, as DICOM codes it: category, type within it, and where in the body (PS3.3 C.8.20.2). */
export const codingSchema = z
  .object({
    category: codeSchema,
    type: codeSchema,
    /** What narrows the type or the region, such as its side; in files of other programs. */
    typeModifiers: z.array(codeSchema).max(LIMITS.modifiers).readonly().optional(),
    region: codeSchema.optional(),
    regionModifiers: z.array(codeSchema).max(LIMITS.modifiers).readonly().optional(),
  })
  .readonly();
export type Coding = z.output<typeof codingSchema>;

export type ReviewStatus = z.output<typeof reviewStatusSchema>;

export interface Review {
  readonly status: ReviewStatus;
  readonly by?: string;
  /** ISO 8601 */
  readonly at?: string;
  readonly comment?: string;
}

/** How the pixels of a segment came to be; the model of its last prompt. */
export interface SegmentAlgorithm {
  readonly type: 'MANUAL' | 'SEMIAUTOMATIC' | 'AUTOMATIC';
  readonly name?: string;
  readonly version?: string;
  /** Of a model of this server. */
  readonly modelSha256?: string;
  /** What the file that the segment was read from says of the algorithm beyond that. */
  readonly identification?: AlgorithmIdentification;
}

/** Algorithm Identification (PS3.3 section 10.16), beyond the version. */
export interface AlgorithmIdentification {
  readonly family: Code;
  readonly name?: string;
  readonly source?: string;
  readonly parameters?: string;
}

export interface Segment {
  readonly id: string;
  /** Segment Number (0062,0004): 1, 2, 3 ... in the order of creation, never reused in a document. */
  readonly number: number;
  readonly label: string;
  /** Segment Description (0062,0006), of a segment that came from a file with one. */
  readonly description?: string;
  readonly color: readonly [number, number, number];
  readonly coding: Coding;
  readonly tracking: { readonly id: string; readonly uid: string };
  readonly algorithm: SegmentAlgorithm;
  readonly review: Review;
}

/** The mask of one segment in one frame. */
export interface Cell {
  readonly segmentId: string;
  readonly frame: string;
  readonly runs: Runs;
}

/**
 * How the mask of a segment on one plane came to be. Of a plane whose mask came otherwise, as from a file or through planes that
 * cross it, nothing is known.
 */
export interface Provenance {
  readonly segmentId: string;
  readonly plane: Plane;
  /** Boxes and what was painted by hand are a person's word; null, in a change: no longer known. */
  readonly by: 'box' | 'hand' | 'propagation' | null;
  /**
   * How sure the model is of a propagated mask, 0 to 1: its own estimate, less what those of the masks that this one rests on lacked.
   * Absent where the mask is not the model's.
   */
  readonly score?: number;
  readonly doubt?: Doubt;
  /** By which one it was propagated: of another one, it is another mask, however sure the model is of both. */
  readonly propagationId?: string;
}

/** Whether two of one plane say the same of the same mask. */
export const sameProvenance = (a: Provenance | undefined, b: Provenance): boolean =>
  a?.by === b.by && a.score === b.score && a.doubt === b.doubt && a.propagationId === b.propagationId;

/** `remove` is taken out of the mask, then `add` put in. */
const cellEditSchema = z.object({ frame: frameKeySchema, add: runsSchema, remove: runsSchema });
export type CellEdit = z.output<typeof cellEditSchema>;

export const segmentAddSchema = z.object({
  kind: z.literal('segment:add'),
  segmentId: idSchema,
  label: labelSchema,
  color: colorSchema,
  coding: codingSchema,
});

export const segmentUpdateSchema = z.object({
  kind: z.literal('segment:update'),
  segmentId: idSchema,
  label: labelSchema.optional(),
  color: colorSchema.optional(),
  coding: codingSchema.optional(),
});

export const segmentDeleteSchema = z.object({ kind: z.literal('segment:delete'), segmentId: idSchema });

export const reviewStatusSchema = z.enum(['draft', 'needs-change', 'approved']);

/** Whoever asks for a change says which: a segment that only "needs change" helps nobody. */
export const segmentReviewSchema = z
  .object({
    kind: z.literal('segment:review'),
    segmentId: idSchema,
    status: reviewStatusSchema,
    comment: z.string().trim().max(LIMITS.commentLength).optional(),
  })
  .refine(({ status, comment }) => status !== 'needs-change' || (comment !== undefined && comment !== ''), {
    path: ['comment'],
    message: 'must say what has to change',
  });

/**
 * Brush, eraser and scissors: one operation may touch several segments, as painting over a neighbour does. The parts of a stroke that
 * is told while it is drawn have one stroke id, and are one step of history.
 */
export const maskEditSchema = z.object({
  kind: z.literal('mask:edit'),
  strokeId: idSchema.exactOptional(),
  edits: z
    .array(cellEditSchema.extend({ segmentId: idSchema }))
    .min(1)
    .max(LIMITS.cellsPerEdit),
});

/** Takes a box and its mask away. */
export const promptDeleteSchema = z.object({ kind: z.literal('prompt:delete'), promptId: idSchema });

/** What a client may do to a document by `document:apply`. Masks from a model enter by `prompt:segment` and propagation. */
export const operationSchema = z.discriminatedUnion('kind', [
  segmentAddSchema,
  segmentUpdateSchema,
  segmentDeleteSchema,
  segmentReviewSchema,
  maskEditSchema,
  promptDeleteSchema,
]);
export type ClientOperation = z.output<typeof operationSchema>;

/** `document:apply`. The operation id makes a repeated request harmless. */
export const documentApplySchema = z.object({
  seriesUid: uidSchema,
  operationId: idSchema,
  operation: operationSchema,
});
export type DocumentApply = z.output<typeof documentApplySchema>;

/** `document:undo` and `document:redo`: one step of one's own. The operation id makes a repeated request harmless. */
export const historyStepSchema = z.object({ seriesUid: uidSchema, operationId: idSchema });

/** Where the document was last stored in the archive. */
export interface SavedAs {
  /** The newest revision whose content is what was stored: nothing is unsaved while the document's revision is the same. */
  readonly revision: number;
  readonly segSeriesUid: string;
  readonly sopInstanceUid: string;
  readonly instanceNumber: number;
}

/** Steps that one participant can take back or do again. */
export interface HistoryDepth {
  readonly undo: number;
  readonly redo: number;
}

/** The whole document as everybody sees it. */
export interface DocumentSnapshot {
  readonly seriesUid: string;
  readonly revision: number;
  readonly segments: readonly Segment[];
  readonly cells: readonly Cell[];
  readonly prompts: readonly Prompt[];
  readonly provenance: readonly Provenance[];
  readonly saved: SavedAs | null;
  /** By participant id. */
  readonly history: Readonly<Record<string, HistoryDepth>>;
}

/**
 * Event `document:changed`, to everybody in the series in the order of revisions: the cells that changed with their new
 * masks (empty runs: gone), the provenance that changed, and the short lists whole.
 */
export type DocumentChanged = DocumentSnapshot & {
  /** Participant who caused it. */
  readonly by: string;
  readonly operationId: string;
};

/** `segmentation:save`: write a DICOM-SEG of the document and store it in the archive. */
export const saveSchema = z.object({ seriesUid: uidSchema, description: dicomTextSchema(64) });
export interface SaveAnswer extends SavedAs {
  readonly bytes: number;
  readonly frames: number;
}

/** `segmentation:open`: make a stored DICOM-SEG of the series the document; what stood there before can be undone back. */
export const openSchema = z.object({ seriesUid: uidSchema, segSeriesUid: uidSchema, sopInstanceUid: uidSchema });

/** `segmentation:list`: the SEG objects that the archive holds of the series, as far as it answers. */
export interface StoredSegmentations {
  readonly stored: readonly StoredSegmentation[];
  /** SEG series of the study that it could not be read of what they hold. */
  readonly unreadableSeries: number;
}
export interface StoredSegmentation {
  readonly segSeriesUid: string;
  readonly sopInstanceUid: string;
  readonly description: string;
  readonly instanceNumber: number;
  /** ISO 8601, as far as the header says. */
  readonly at: string;
  readonly segments: number;
}
