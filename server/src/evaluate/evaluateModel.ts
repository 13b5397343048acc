/** Judges a model as the MedSAM challenge does: the box of each object, one mask, overlap and outline. */
import { boxOfRuns, countPixels, dice, surfaceDice, type Box, type Runs } from '@ohif-medsam/protocol';
import type { Corrections, InferenceEngine, SliceImage } from '../ports/inferenceEngine.ts';
import { inscribedEllipse, otsuInBox } from './baselines.ts';
import { correctingClick } from './correctingClick.ts';
import { BOX_MOVES, drawFor } from './moveBox.ts';

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
  /** The tight box of the truth. */
  readonly box: Box;
  /** Pixels of the truth in the image stretched to 1024 x 1024. */
  readonly area1024: number;
  readonly model: Score;
  readonly ellipse: Score;
  readonly otsu: Score;
  /** The model's own estimate, 0 to 1. */
  readonly predicted: number;
  /** What the model made of the tight box. */
  readonly mask: Runs;
  /** After one click on the largest fault of that mask; not of models that take boxes only. */
  readonly clicked?: Score;
  /** Scores of the model with a moved box, by the name of the move; only of objects in the sweep. */
  readonly moved?: Readonly<Record<string, Score>>;
}

/** The reference protocol drops smaller ones: pixels at 1024 x 1024. */
export const LEAST_AREA_1024 = 100;

export const area1024 = (pixels: number, { columns, rows }: Pick<SliceImage, 'columns' | 'rows'>): number =>
  pixels * (1024 / columns) * (1024 / rows);

export const objectName = (set: string, image: string, object: number): string => `${set}|${image}|${String(object)}`;

/**
 * @param sweep - Whether to ask about moved boxes too.
 * @throws AppError as {@link InferenceEngine.segment} does.
 */
export async function evaluateObject(
  { engine, modelId, signal }: { engine: InferenceEngine; modelId: string; signal: AbortSignal },
  { set, image }: TruthImage,
  { id, truth }: TruthImage['objects'][number],
  sweep: boolean,
): Promise<ObjectScore> {
  const { columns, rows, key } = image;
  const box = boxOfRuns(truth, columns);
  if (!box) throw new RangeError(`object ${String(id)} of ${key} is empty`);
  const score = (mask: Runs): Score => ({ dice: dice(mask, truth), nsd: surfaceDice(mask, truth, columns, rows) });
  const ask = (asked: Box, corrections?: Corrections) =>
    engine.segment({ modelId, image, box: asked, ...(corrections && { corrections }), priority: 'prompt', signal });
  const { runs: mask, score: predicted } = await ask(box);
  const model = score(mask);
  const click = correctingClick(mask, truth, image);
  // Models with a memory are corrected by masks.
  const clicked = engine.hasMemory(modelId) ? undefined : click ? score((await ask(box, click)).runs) : model;
  const moved: Record<string, Score> = {};
  const draw = drawFor(objectName(set, key, id));
  for (const { name, move } of sweep ? BOX_MOVES : []) moved[name] = score((await ask(move(box, image, draw))).runs);
  return {
    set,
    image: key,
    object: id,
    box,
    area1024: area1024(countPixels(truth), image),
    model,
    ellipse: score(inscribedEllipse(box, columns, rows)),
    otsu: score(otsuInBox(image, box)),
    predicted,
    mask,
    ...(clicked ? { clicked } : {}),
    ...(sweep ? { moved } : {}),
  };
}
