import type { InstanceName } from './archive.ts';
import type { Slice } from './sliceStore.ts';

/** A frame of an instance as a viewer would push it: modality values, hence slope 1 and intercept 0. */
export type SourceFrame = Omit<Slice, 'seriesUid' | 'plane'>;

/** Where the server reads pixels itself. */
export interface PixelSource {
  /**
   * @param frameNumbers - From 1.
   * @returns The frames in that order.
   * @throws AppError as `Archive`, `dicom-invalid`, `dicom-unsupported`
   */
  frames(name: InstanceName, frameNumbers: readonly number[]): Promise<readonly SourceFrame[]>;
}
