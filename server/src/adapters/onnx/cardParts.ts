import { z } from 'zod';

/** One file of a model, named from the models folder. */
export const fileSchema = z.object({
  path: z.string().regex(/^(?:\w[\w.-]*\/)*\w[\w.-]*$/, 'must be a plain path inside the models folder'),
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex'),
});
export type FileFacts = z.output<typeof fileSchema>;

/** Something of each graph of a model, by the graph's name. */
export type ByGraph<T> = Readonly<Record<string, T>>;

/**
 * How the numbers of a model are stored: as trained; in 16 bits, computed with in 32; or computed with in 8 bits where that
 * is quicker. In the order in which one stands in for another that is not to be had.
 */
export const VARIANTS = ['fp32', 'fp16', 'int8'] as const;
export type Variant = (typeof VARIANTS)[number];

/** Execution providers, the fastest first. */
export const PROVIDERS = ['tensorrt', 'cuda', 'webgpu', 'cpu'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** What stands on every card, whatever the family. */
export const identityShape = {
  id: z
    .string()
    .max(64)
    .regex(/^[a-z0-9][a-z0-9.-]*$/, 'must be lower-case letters, digits, dots and dashes'),
  title: z.string().min(1).max(64),
  version: z.string().min(1).max(16),
  licence: z.string().min(1).max(200),
  notice: z.string().max(500).optional(),
  /** Which variant an execution provider does best with; fp32 if nothing is said. */
  preferred: z.partialRecord(z.enum(PROVIDERS), z.enum(VARIANTS)).optional(),
};

/** What a graph answered to its golden input when it was exported, at some places of one output. */
export interface GoldenValues {
  /** Flat indices into the output. */
  readonly at: readonly number[];
  readonly values: readonly number[];
  /** Largest absolute difference that is still the same model. */
  readonly tolerance: number;
}

export const goldenValuesSchema = z
  .object({
    at: z.array(z.int().min(0)).min(1).max(1000),
    values: z.array(z.number()).min(1),
    tolerance: z.number().positive(),
  })
  .refine(({ at, values }) => at.length === values.length, 'as many indices as values');

/** Of each output of a graph. */
const goldenOfGraph = z.record(z.string(), goldenValuesSchema);
export type GoldenOfGraph = Readonly<Record<string, GoldenValues>>;

/** What the cards of models with several graphs have in common. */
export function graphsShape<const G extends readonly string[]>(graphs: G) {
  const ofEach = <S extends z.ZodType>(schema: S) =>
    z.object(Object.fromEntries(graphs.map((graph) => [graph, schema])) as Record<G[number], S>);
  return {
    ...identityShape,
    notice: z.string().max(1000),
    opset: z.int().positive(),
    /** Of each graph, in one or more variants. */
    files: ofEach(z.partialRecord(z.enum(VARIANTS), fileSchema)),
    /** Of each variant, what its graphs answer to the golden inputs. */
    golden: z.partialRecord(z.enum(VARIANTS), ofEach(goldenOfGraph)),
  };
}

/** The variants that have every graph and its golden values. */
export function completeVariants<G extends string>(card: {
  readonly files: Readonly<Record<G, Readonly<Partial<Record<Variant, FileFacts>>>>>;
  readonly golden: Readonly<Partial<Record<Variant, unknown>>>;
}): [Variant, ByGraph<FileFacts>][] {
  return VARIANTS.flatMap((variant): [Variant, ByGraph<FileFacts>][] => {
    const files = Object.entries<Readonly<Partial<Record<Variant, FileFacts>>>>(card.files).flatMap(([graph, facts]) =>
      facts[variant] ? [[graph, facts[variant]] as const] : [],
    );
    const isComplete = files.length === Object.keys(card.files).length && card.golden[variant] !== undefined;
    return isComplete ? [[variant, Object.fromEntries(files)]] : [];
  });
}

/** What the file system says in one word, in brackets: its sentences name folders of this machine, which users do not get to see. */
export const whyUnreadable = (error: unknown): string =>
  error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
