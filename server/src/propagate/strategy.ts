import type { Box, Runs } from '@ohif-medsam/protocol';
import type { SliceImage } from '../ports/inferenceEngine.ts';
import type { Finding } from './stopRule.ts';

/** A plane of one way: the first one ahead has the step 0, the one that the way begins at -1. */
export interface Place extends Finding {
  readonly step: number;
}

export interface Question {
  readonly image: SliceImage;
  readonly step: number;
  /** What this plane follows: settled, or about to be given up. */
  readonly previous: Place;
  /** The mask that is expected here. */
  readonly prompt: Runs;
  /** Whether it lies between two that a person vouches for; else it is that of `previous`. */
  readonly isBetween: boolean;
}

export interface Answer {
  /** Over the whole image; may be empty. */
  readonly runs: Runs;
  readonly score: number;
  /** The box that the model was given, where it was. */
  readonly box?: Box;
}

/** How a model is asked about the object on the next plane. Knows one way, from its beginning on. */
export interface Strategy {
  /**
   * A person's mask, of the plane where the way begins, or of the next one ahead that they decided on.
   * @param image - Waits for its pixels, for those who need them.
   * @throws AppError `slice-missing`, `cancelled`
   */
  anchor(step: number, runs: Runs, image: () => Promise<SliceImage>): Promise<void>;
  /** A mask that was found, and stands. */
  settle(place: Place): void;
  /** @throws AppError as the engine does. */
  find(question: Question, signal: AbortSignal): Promise<Answer>;
}
