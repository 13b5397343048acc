import type { Box, ModelInfo, Runs } from '@ohif-medsam/protocol';

/** A plane as a model sees it: windowed to 8 bit. */
export interface SliceImage {
  /** The same key means the same pixels: an engine may keep what it computed under it. */
  readonly key: string;
  readonly columns: number;
  readonly rows: number;
  readonly components: 1 | 3;
  /** Row-major; RGB interleaved. */
  readonly pixels: Uint8Array;
}

/** Column and row of a pixel, 0-based. */
export type PixelPoint = readonly [column: number, row: number];

export interface BoxMask {
  /** Over the whole image. */
  readonly runs: Runs;
  /** The IoU with the object that the model itself expects of the mask, 0 to 1. */
  readonly score: number;
  readonly inferenceMs: number;
  /** Time in the queue before that. */
  readonly queuedMs: number;
}

/**
 * Who goes first: a person who waits, then the slice a person looks at, then propagation, then guesses; between two slices that
 * are looked at, one of a propagation.
 */
export type Priority = 'prompt' | 'visible' | 'propagation' | 'prefetch';

export interface EngineRequest {
  readonly modelId: string;
  readonly image: SliceImage;
  readonly priority: Priority;
  /** For whom: clients of one priority take turns, however much one of them asks. */
  readonly client?: string;
  readonly signal?: AbortSignal;
}

export interface BoxRequest extends EngineRequest {
  readonly box: Box;
  readonly corrections?: Corrections;
  readonly beside?: SliceBeside;
}

/** The slice that this one follows, and the object there: of models that do not look at it, nothing changes. */
export interface SliceBeside {
  /** As large as the image itself. */
  readonly image: SliceImage;
  /** Over the whole image. */
  readonly mask: Runs;
}

/** A plane of the same stack on which the object is known already. */
export interface KnownPlane {
  readonly image: SliceImage;
  /** Over the whole image. */
  readonly mask: Runs;
  /** Planes from there to the one that is asked about, in the direction of the walk: negative for one that lies ahead. */
  readonly apart: number;
  /** Whether a person vouches for the mask; else it was found on the way. */
  readonly isAnchor: boolean;
}

export interface TrackRequest extends EngineRequest {
  readonly known: readonly KnownPlane[];
  /** How many planes there are in the stack. */
  readonly planes: number;
}

/** What is known of the object besides its box: pixels that belong to it and that do not, and an earlier mask to start from. */
export interface Corrections {
  readonly inside: readonly PixelPoint[];
  readonly outside: readonly PixelPoint[];
  /** Over the whole image. */
  readonly mask?: Runs;
}
export const NO_CORRECTIONS: Corrections = { inside: [], outside: [] };

/**
 * Turns boxes on images into masks. Requests wait in a queue by priority and client; who asks for the same as another who still
 * waits, waits along and gets the same answer. Aborting `signal` takes a waiting request out.
 * @throws AppError `model-unknown`, `engine-failed` (the process died on this request), `engine-busy`, `cancelled`.
 */
export interface InferenceEngine {
  models(): readonly ModelInfo[];
  /** @throws AppError `model-unknown`, `model-invalid` with what is wrong with its files, `engine-failed`. */
  model(modelId: string): ModelInfo;
  readonly defaultModelId: string;
  /** Whether {@link prepare} computes anything: if not, there is no point in making an image for it. */
  hasEmbedding(modelId: string): boolean;
  /**
   * Computes ahead what does not depend on the box. Nothing to do for models without an embedding.
   * @returns How many milliseconds that took, once it was its turn; next to none if it was there already.
   */
  prepare(request: EngineRequest): Promise<number>;
  /** @param box - Pixel indices, inclusive; may reach over the edge, must touch the image. */
  segment(request: BoxRequest): Promise<BoxMask>;
  /**
   * Whether its scores were learned from the IoU that masks really have, boxes of a propagation included, so that several can be added
   * up. Those of the published models only tell a mask from none.
   */
  hasLearnedScore(modelId: string): boolean;
  /** Whether {@link track} can be asked: the model carries an object on by what it remembers of other planes. */
  hasMemory(modelId: string): boolean;
  /**
   * Finds an object on a plane by those where it is known. What the model remembers of them stays where it was computed, and is
   * computed again from image and mask if it is not there any more.
   */
  track(request: TrackRequest): Promise<BoxMask>;
  /**
   * Model files were added, replaced or removed: reads them again when it is its turn, before all requests that wait; prompts come
   * before the second new model and each further one.
   * @returns Once that is done, or left to a process that is started anew.
   */
  rereadModels(): Promise<void>;
  /** @param listener - Called when {@link models} has become another. */
  onModelsChanged(listener: () => void): void;
  /** Facts for /health: one line per process. */
  health(): readonly EngineHealth[];
  close(): Promise<void>;
}

export interface PreparedCache {
  readonly bytes: number;
  /** How often it was asked for and there, since the process started; and how often it was not. */
  readonly hits: number;
  readonly misses: number;
}

/** One request that was answered. */
export interface Served {
  readonly priority: Priority;
  readonly queuedMs: number;
  readonly inferenceMs: number;
}

export interface EngineHealth {
  readonly state: 'starting' | 'ready' | 'restarting' | 'failed';
  readonly pid: number | undefined;
  readonly restarts: number;
  readonly queued: number;
  readonly rssBytes: number | undefined;
  /** What models computed ahead of prompts and keep. */
  readonly prepared: PreparedCache;
  /** The model that it is loading, and on what. */
  readonly loading?: string;
  /** What stands in the way, for example a model file that does not match its card. */
  readonly problem?: string;
}
