import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { frameKeySchema, uidSchema } from './primitives.ts';

const triple = z.tuple([z.number(), z.number(), z.number()]).readonly();

/** One frame of a series with what its header says of its place. Spaces: LPS mm; spacing as [between rows, between columns]. */
export const seriesFrameSchema = z
  .object({
    sopInstanceUid: uidSchema,
    sopClassUid: uidSchema,
    frameNumber: z.int().min(1),
    rows: z.int().min(1).max(LIMITS.rows),
    columns: z.int().min(1).max(LIMITS.columns),
    /** ImagePositionPatient: centre of the first pixel. */
    position: triple.optional(),
    /** ImageOrientationPatient: direction of a row, then of a column. */
    orientation: z
      .tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()])
      .readonly()
      .optional(),
    pixelSpacing: z.tuple([z.number().positive(), z.number().positive()]).readonly().optional(),
    sliceThicknessMm: z.number().positive().optional(),
  })
  .readonly();
export type SeriesFrame = z.output<typeof seriesFrameSchema>;

/** `series:open`: whoever opens a series joins its document. Repeated after a lost connection. */
export const seriesOpenSchema = z.object({
  studyUid: uidSchema,
  seriesUid: uidSchema,
  modality: z.string().min(1).max(16),
  bodyPart: z.string().max(64).optional(),
  frames: z.array(seriesFrameSchema).min(1).max(LIMITS.framesPerSeries),
});
export type SeriesOpen = z.output<typeof seriesOpenSchema>;

export const seriesNameSchema = z.object({ seriesUid: uidSchema });

export const planeSchema = z.union([
  z.object({ axis: z.literal('k'), frame: frameKeySchema }).readonly(),
  z.object({ axis: z.enum(['i', 'j']), index: z.int().min(0).max(LIMITS.columns) }).readonly(),
]);
