import type { Box, ModelInfo, Runs } from '@ohif-medsam/protocol';
import type { Corrections, KnownPlane, PreparedCache, SliceImage } from '../../ports/inferenceEngine.ts';
import type { Attempt } from './loadGuard.ts';
import type { CheckCard, CheckOutcome } from './checkCard.ts';
import type { LoadOptions } from './loadModel.ts';

/** What the engine process is started with. */
export interface EngineOptions extends LoadOptions {
  /** Folder with `cards/` and `weights/`. */
  readonly modelsFolder: string;
  /** Another one like it, whose models come and go; it need not exist. */
  readonly installedFolder?: string;
  /** Most bytes of image pixels that the process keeps. */
  readonly imageBytes: number;
  /** Most bytes of what models computed ahead of a prompt. */
  readonly embeddingBytes: number;
  /** By the key of an {@link Attempt} that is not made: why. */
  readonly deadly: Readonly<Record<string, string>>;
}

/** What is asked of an image. */
export type Question = Prepare | Segment | Track;

interface OnImage {
  readonly imageKey: string;
}
export type Prepare = OnImage & { readonly kind: 'prepare' };
export type Segment = OnImage & {
  readonly kind: 'segment';
  readonly box: Box;
  readonly corrections?: Corrections;
  readonly beside?: { readonly imageKey: string; readonly mask: Runs };
};

/** Answered with `lacking` where the process needs images of known planes that it does not hold; then asked again with them. */
export type Track = OnImage & {
  readonly kind: 'track';
  readonly known: readonly (Omit<KnownPlane, 'image'> & { readonly imageKey: string })[];
  readonly planes: number;
};

/** Questions to one model, several where it answers them in one run. */
export interface Ask {
  readonly kind: 'ask';
  readonly modelId: string;
  readonly questions: readonly Question[];
  /** Those that the questions name and the process does not hold. */
  readonly images: readonly SliceImage[];
}

/** Server to engine process: `load` once, then one `ask` or `reload` at a time; or a `check`, and nothing else. */
export type ToEngine =
  | { readonly kind: 'load'; readonly options: EngineOptions }
  /** Reads the cards again: loads what is new, one with each `reload` while the answer says `more`, then lets go of what is gone. */
  | { readonly kind: 'reload'; readonly options: EngineOptions }
  | ({ readonly kind: 'check' } & CheckCard)
  | Ask;

export type ModelState =
  | {
      readonly info: ModelInfo;
      readonly hasEmbedding: boolean;
      readonly hasMemory: boolean;
      readonly hasLearnedScore: boolean;
      /** Most questions that it answers in one run. */
      readonly batch: number;
      readonly passedOver: readonly string[];
    }
  | { readonly id: string; readonly problem: string };

/** Engine process to server, unasked, before each attempt of a `load` or `reload`. */
export interface Loading {
  readonly kind: 'loading';
  readonly attempt: Attempt;
}

/** Engine process to server: `loaded` to a `load` or `reload`, `answered` to an `ask`. */
export type FromEngine = Loaded | { readonly kind: 'checked'; readonly outcome: CheckOutcome } | Answered;

export interface Loaded {
  readonly kind: 'loaded';
  /** As they can be used now. */
  readonly models: readonly ModelState[];
  /** Whether cards are left to be read by another `reload`. */
  readonly more: boolean;
  readonly rssBytes: number;
}

export interface Answered {
  readonly kind: 'answered';
  /** One to each question, in their order. */
  readonly answers: readonly Answer[];
  /** Keys of images that had to go. */
  readonly dropped: readonly string[];
  readonly rssBytes: number;
  readonly prepared: PreparedCache;
}

export type Answer =
  | { readonly kind: 'prepared'; readonly inferenceMs: number }
  | {
      readonly kind: 'segmented';
      /** As {@link Runs}; typed, because it is many times faster to clone. */
      readonly runs: Uint32Array;
      readonly score: number;
      readonly inferenceMs: number;
    }
  | { readonly kind: 'lacking'; readonly imageKeys: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: string };
