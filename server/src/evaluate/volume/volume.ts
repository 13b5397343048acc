/** A volume with ground truth, and the parts of it that the protocol asks about. */
import { createHash } from 'node:crypto';
import { encodeRuns, type Plane, type Runs } from '@ohif-medsam/protocol';
import type { PixelArray, Slice } from '../../ports/sliceStore.ts';
import type { SeriesFacts } from '../../segment/index.ts';

/** Columns run to the patient's left and rows to the back where the file says how it lies, as in the images of a viewer. */
export interface TruthVolume {
  readonly set: string;
  /** The file, for a person to find it. */
  readonly name: string;
  readonly series: SeriesFacts;
  readonly columns: number;
  readonly rows: number;
  readonly slices: number;
  /** Between voxel centres along columns, rows and slices, mm. */
  readonly spacingMm: readonly [number, number, number];
  /** Modality values, columns fastest, slices slowest. */
  readonly values: PixelArray;
  /** Labels in the same order; 0 is background, each other number one object. */
  readonly labels: Uint8Array | Uint16Array;
}

/** The masks of one object, one for each slice from the first to the last of the volume; empty where it is not. */
export type SliceMasks = readonly Runs[];

export interface TruthObject {
  readonly label: number;
  readonly truth: SliceMasks;
  readonly voxels: number;
}

/** The reference protocol drops smaller ones. */
const LEAST_VOXELS = 1000;

/** Objects that are large enough to be judged, by label. */
export function objectsOf({ labels, columns, rows, slices }: TruthVolume): TruthObject[] {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const large = [...counts].filter(([label, voxels]) => label !== 0 && voxels >= LEAST_VOXELS);
  const pixels = columns * rows;
  return large
    .sort(([a], [b]) => a - b)
    .map(([label, voxels]) => ({
      label,
      voxels,
      truth: Array.from({ length: slices }, (_, k) =>
        encodeRuns(Uint8Array.from(labels.subarray(k * pixels, (k + 1) * pixels), (one) => (one === label ? 1 : 0))),
      ),
    }));
}

export const planesOf = ({ name, slices }: TruthVolume): Plane[] =>
  Array.from({ length: slices }, (_, k): Plane => ({ axis: 'k', frame: `${name}.${String(k)}/1` }));

/** Slice number `k` as the viewer would push it. */
export function sliceOf(volume: TruthVolume, plane: Plane, k: number): Slice {
  const { columns, rows, name } = volume;
  const pixels = volume.values.slice(k * columns * rows, (k + 1) * columns * rows);
  const hash = createHash('sha256')
    .update(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength))
    .digest('hex');
  const facts = { slope: 1, intercept: 0, invert: false, components: 1 } as const;
  return { seriesUid: name, plane, hash, columns, rows, pixels, ...facts };
}
