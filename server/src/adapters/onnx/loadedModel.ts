import type { Box, Runs } from '@ohif-medsam/protocol';
import type { Corrections, SliceBeside, SliceImage } from '../../ports/inferenceEngine.ts';

/** A model in memory, whatever its family. */
export interface LoadedModel {
  /**
   * Computes and keeps what does not depend on the prompt; only of models that have such a thing.
   * @param image - Windowed to 8 bit.
   */
  prepare?(image: SliceImage): Promise<void>;
  segment(image: SliceImage, prompt: Prompt): Promise<Segmented>;
}

export interface Prompt {
  /** Pixel indices of the image, inclusive. */
  readonly box: Box;
  readonly corrections?: Corrections;
  readonly beside?: SliceBeside;
}

export interface Segmented {
  /** Over the whole image. */
  readonly runs: Runs;
  /** The model's own estimate of the mask's quality, 0 to 1. */
  readonly score: number;
}

/** Why a model cannot be used; the text goes to `/health` and into the error the user sees. */
export class ModelProblem extends Error {}
