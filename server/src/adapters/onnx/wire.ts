import type { Box, ModelInfo } from '@ohif-medsam/protocol';
import type { SliceImage } from '../../ports/inferenceEngine.ts';
import type { Provider } from './model.ts';

/** What the engine process is started with. */
export interface EngineOptions {
  /** Folder with `cards/` and `weights/`. */
  readonly modelsFolder: string;
  /** Tried in this order; the first that is there and computes right is used. */
  readonly providers: readonly Provider[];
  readonly threads: number;
  /** Most bytes of image pixels that the process keeps. */
  readonly imageBytes: number;
}

/** Server to engine process: `load` once, then one `segment` at a time. */
export type ToEngine =
  | { readonly kind: 'load'; readonly options: EngineOptions }
  | {
      readonly kind: 'segment';
      readonly modelId: string;
      readonly box: Box;
      readonly imageKey: string;
      /** Left out where the process holds the image already. */
      readonly image?: SliceImage;
    };

export type ModelState =
  | { readonly info: ModelInfo; readonly passedOver: readonly string[] }
  | { readonly id: string; readonly problem: string };

/** Engine process to server: `loaded` once, then one answer to each `segment`. */
export type FromEngine =
  | { readonly kind: 'loaded'; readonly models: readonly ModelState[]; readonly rssBytes: number }
  | {
      readonly kind: 'segmented';
      /** As {@link Runs}; typed, because it is many times faster to clone. */
      readonly runs: Uint32Array;
      readonly score: number;
      readonly inferenceMs: number;
      /** Keys of images that had to go. */
      readonly dropped: readonly string[];
      readonly rssBytes: number;
    }
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly dropped: readonly string[];
      readonly rssBytes: number;
    };
