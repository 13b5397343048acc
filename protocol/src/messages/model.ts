import { z } from 'zod';
import { sha256Schema } from './primitives.ts';

const modelIdSchema = z.string().min(1).max(64);

/** A model that the server can use now. */
export const modelInfoSchema = z.object({
  id: modelIdSchema,
  title: z.string().min(1).max(64),
  version: z.string().min(1).max(16),
  /** Execution provider, in words: "CPU", "CUDA" ... */
  device: z.string().min(1),
  sha256: sha256Schema,
  /** Whether clicks can correct its masks; some take boxes only. */
  takesPoints: z.boolean(),
  licence: z.string().min(1).max(200),
  /** What its makers want known before it is used. */
  notice: z.string().max(500).optional(),
});
export type ModelInfo = Readonly<z.output<typeof modelInfoSchema>>;

/** Event `models:changed`: models were added, replaced or removed while the server runs. */
export const modelsChangedSchema = z.object({
  models: z.array(modelInfoSchema).readonly(),
  /** For whoever used one that is gone. */
  defaultModelId: z.string().max(64),
});
export type ModelsChanged = Readonly<z.output<typeof modelsChangedSchema>>;

/** The model that comes with the project, under the project's own licence: nobody is asked to accept it. */
export const EMBEDDED_MODEL_ID = 'embedded-box';
