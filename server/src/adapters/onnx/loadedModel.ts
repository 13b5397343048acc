import type { Box, Runs } from '@ohif-medsam/protocol';
import type { Corrections, KnownPlane, SliceBeside, SliceImage } from '../../ports/inferenceEngine.ts';

/** A model in memory, whatever its family. */
export interface LoadedModel {
  /**
   * Computes and keeps what does not depend on the prompt; only of models that have such a thing.
   * @param image - Windowed to 8 bit.
   */
  prepare?(image: SliceImage): Promise<void>;
  segment(image: SliceImage, prompt: Prompt): Promise<Segmented>;
  /** As of the engine's. */
  readonly hasLearnedScore: boolean;
  /** Only of models that remember. */
  readonly tracker?: Tracker;
}

/** Finds an object by other planes on which it is known, and remembers it from each. */
export interface Tracker {
  /** Whether {@link track} will look at that plane's image: not what is remembered, nor what is too far off to matter. */
  needsImage(known: KnownOnPlane): boolean;
  /** @param planes - How many there are in the stack. */
  track(image: SliceImage, known: readonly KnownOnPlane[], planes: number): Promise<Segmented>;
}

export type KnownOnPlane = Omit<KnownPlane, 'image'> & {
  readonly imageKey: string;
  /** Left out where it is not needed. */
  readonly image?: SliceImage | undefined;
};

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
