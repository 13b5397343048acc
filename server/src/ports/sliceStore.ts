import type { Plane } from '@ohif-medsam/protocol';

export type PixelArray = Int8Array | Uint8Array | Int16Array | Uint16Array | Float32Array;

/** A plane of modality values as it was pushed or read from the archive. */
export interface Slice {
  readonly seriesUid: string;
  readonly plane: Plane;
  /** SHA-256 of the pixel bytes. */
  readonly hash: string;
  readonly columns: number;
  readonly rows: number;
  readonly components: 1 | 3;
  /** Row-major stored numbers; RGB interleaved. */
  readonly pixels: PixelArray;
  /** modality value = stored * slope + intercept */
  readonly slope: number;
  readonly intercept: number;
  readonly invert: boolean;
  /** Stored numbers from..to, inclusive, that mark pixels outside of the image. */
  readonly padding?: readonly [number, number];
}

/** Slices of the open series, bounded in bytes; what was not used for longest goes first. */
export interface SliceStore {
  put(slice: Slice): void;
  /** The slice with this hash, or undefined if it never came or had to go. */
  get(seriesUid: string, plane: Plane, hash: string): Slice | undefined;
  /** The slice that was put last for this plane. */
  latest(seriesUid: string, plane: Plane): Slice | undefined;
  /**
   * The same, waiting until it arrives.
   * @throws AppError `slice-missing` once no slice of the series has come for `timeoutMs`, `cancelled` on abort.
   */
  awaitLatest(seriesUid: string, plane: Plane, timeoutMs: number, signal: AbortSignal): Promise<Slice>;
  readonly bytes: number;
}
