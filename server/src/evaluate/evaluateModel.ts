/** Judges a model as the MedSAM challenge does: the tight box of each object, one mask, overlap and outline. */
import { boxOfRuns, dice, surfaceDice, type Runs } from '@ohif-medsam/protocol';
import type { InferenceEngine, SliceImage } from '../ports/inferenceEngine.ts';
import { inscribedEllipse, otsuInBox } from './baselines.ts';

export interface TruthImage {
  readonly set: string;
  readonly image: SliceImage;
  readonly objects: readonly { readonly id: number; readonly truth: Runs }[];
}

export interface Score {
  readonly dice: number;
  /** Normalised surface Dice, 2 px. */
  readonly nsd: number;
}

export interface ObjectScore {
  readonly set: string;
  readonly image: string;
  readonly object: number;
  readonly model: Score;
  readonly ellipse: Score;
  readonly otsu: Score;
}

/** @throws AppError as {@link InferenceEngine.segment} does. */
export async function evaluateObject(
  engine: InferenceEngine,
  modelId: string,
  { set, image }: TruthImage,
  { id, truth }: TruthImage['objects'][number],
): Promise<ObjectScore> {
  const { columns, rows, key } = image;
  const box = boxOfRuns(truth, columns);
  if (!box) throw new RangeError(`object ${String(id)} of ${key} is empty`);
  const { runs } = await engine.segment({ modelId, image, box, priority: 'prompt' });
  const score = (mask: Runs): Score => ({ dice: dice(mask, truth), nsd: surfaceDice(mask, truth, columns, rows) });
  return {
    set,
    image: key,
    object: id,
    model: score(runs),
    ellipse: score(inscribedEllipse(box, columns, rows)),
    otsu: score(otsuInBox(image, box)),
  };
}
