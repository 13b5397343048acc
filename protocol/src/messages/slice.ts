import { z } from 'zod';
import { LIMITS } from '../limits.ts';
import { sha256Schema, uidSchema } from './primitives.ts';
import { planeSchema } from './series.ts';

/** Bytes per number of each pixel type; numbers are little endian. */
export const PIXEL_BYTES = { int8: 1, uint8: 1, int16: 2, uint16: 2, float32: 4 } as const;
export type PixelType = keyof typeof PIXEL_BYTES;

/** Binary of socket.io: a Buffer in Node, an ArrayBuffer in the browser. */
const binarySchema = z
  .union([z.custom<Uint8Array>((value) => value instanceof Uint8Array), z.instanceof(ArrayBuffer)])
  .transform((b) => (b instanceof Uint8Array ? b : new Uint8Array(b)))
  .check(({ value, issues }) => {
    if (value.byteLength <= LIMITS.sliceBytes) return;
    const message = `must be at most ${String(LIMITS.sliceBytes)} bytes`;
    issues.push({ code: 'too_big', origin: 'array', maximum: LIMITS.sliceBytes, message, input: value });
  });

/** `slice:have`: which of these slices does the server still need? Answer: {@link SliceHaveAnswer}. */
export const sliceHaveSchema = z.object({
  seriesUid: uidSchema,
  slices: z.array(z.object({ plane: planeSchema, hash: sha256Schema })).max(LIMITS.hashesPerQuery),
});
export type SliceHave = z.output<typeof sliceHaveSchema>;
/** Indices into `slices` of the query. */
export interface SliceHaveAnswer {
  readonly missing: readonly number[];
}

/**
 * `slice:put`: pixels of one plane, row-major, little endian; RGB interleaved. With the facts that turn stored numbers into
 * modality values: value = stored * slope + intercept, to be applied exactly once (a viewer that already applied it sends 1 and 0).
 * Over a slow link pixels go compressed; size and hash are those of the raw ones.
 */
export const slicePutSchema = z.object({
  seriesUid: uidSchema,
  plane: planeSchema,
  /** SHA-256 of the raw pixels. */
  hash: sha256Schema,
  columns: z.int().min(1).max(LIMITS.columns),
  rows: z.int().min(1).max(LIMITS.rows),
  components: z.union([z.literal(1), z.literal(3)]),
  type: z.enum(['int8', 'uint8', 'int16', 'uint16', 'float32']),
  slope: z.number().default(1),
  intercept: z.number().default(0),
  /** MONOCHROME1: low values are bright. */
  invert: z.boolean().default(false),
  /** Stored numbers from..to (inclusive) mark pixels outside of the image (PixelPaddingValue). */
  padding: z.tuple([z.number(), z.number()]).readonly().optional(),
  /** How `pixels` travel: as they are, or compressed (RFC 1951). */
  encoding: z.enum(['raw', 'deflate-raw']).default('raw'),
  pixels: binarySchema,
});
export type SlicePut = z.output<typeof slicePutSchema>;

/** SHA-256 of the pixels that a request is about; left out, the server reads them from the archive itself. */
export const sliceHashSchema = sha256Schema.optional();
/** A request once it is known which pixels it is about. */
export type OfSlice<T> = T & { readonly sliceHash: string };

/** How modality values become the 8-bit image that a model sees. Colour images are never windowed. */
export const windowChoiceSchema = z.discriminatedUnion('kind', [
  /** CT: the preset of the anatomy; others: 0.5 to 99.5 percentile of the non-zero pixels. */
  z.object({ kind: z.literal('auto') }),
  z.object({ kind: z.literal('preset'), id: z.string().max(32) }),
  z.object({ kind: z.literal('level'), center: z.number(), width: z.number().positive() }),
]);
export type WindowChoice = z.output<typeof windowChoiceSchema>;

/** The window that was used: values from center - width/2 to center + width/2 became 0 to 255. */
export interface UsedWindow {
  readonly center: number;
  readonly width: number;
  readonly label: string;
}
