import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { areRuns, type Runs } from '../mask/runs.ts';

/** DICOM unique identifier (PS3.5 section 9.1), but for components that begin with 0: devices write them, and an image has no other name. */
export const uidSchema = z
  .string()
  .max(64)
  .regex(/^\d+(\.\d+)+$/, 'must be a DICOM UID');

/** Names made by the client, so that a repeated request is known to be the same one. */
export const idSchema = z.uuid();

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex');

/** `${SOPInstanceUID}/${frameNumber}` */
export const frameKeySchema = z
  .string()
  .max(72)
  .regex(/^\d+(\.\d+)+\/[1-9]\d{0,5}$/, 'must be a SOP Instance UID, a slash and a frame number');

/** One pass over the numbers: a document holds hundreds of thousands, and zod's own arrays are ten times slower. */
export const runsSchema = z.custom<Runs>(
  (value) => Array.isArray(value) && value.length <= LIMITS.runNumbers && areRuns(value as number[]),
  'must be ascending, disjoint runs of start and length',
);

/** Text that becomes a DICOM LO or SH: a backslash would divide it into values, control characters are not allowed (PS3.5 6.2). */
export const dicomTextSchema = (length: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(length)
    .regex(/^[^\\\p{Cc}]*$/u, 'must not hold a backslash or control characters');

const byteSchema = z.int().min(0).max(255);
export const colorSchema = z.tuple([byteSchema, byteSchema, byteSchema]).readonly();
export type Color = z.output<typeof colorSchema>;

/** A coded concept (DICOM PS3.3 section 8.8). */
export const codeSchema = z
  .object({ value: dicomTextSchema(16), scheme: dicomTextSchema(16), meaning: dicomTextSchema(64) })
  .readonly();
export type Code = z.output<typeof codeSchema>;
