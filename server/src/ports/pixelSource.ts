import type { InstanceName } from './archive.ts';
import type { Slice } from './sliceStore.ts';

/** A frame of an instance as a viewer would push it: modality values, hence slope 1 and intercept 0. */
export type SourceFrame = Omit<Slice, 'seriesUid' | 'plane'>;

/** How soon pixels are wanted, and for how long. */
export interface PixelWish {
  /** Whether somebody waits for them: such go before those that are read ahead. May change while they wait. */
  readonly isNeeded: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Where the server reads pixels itself. */
export interface PixelSource {
  /**
   * @param frameNumbers - From 1.
   * @returns The frames in that order.
   * @throws AppError as `Archive`, `dicom-invalid`, `dicom-unsupported`, `cancelled` by the signal
   */
  frames(name: InstanceName, frameNumbers: readonly number[], wish: PixelWish): Promise<readonly SourceFrame[]>;
}
