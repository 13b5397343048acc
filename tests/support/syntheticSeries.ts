import { createHash } from 'node:crypto';
import { encodeRuns, frameKeyOf, type Plane, type Request, type Runs, type SeriesFrame } from '@ohif-medsam/protocol';

/** A CT of one bright ellipsoid in soft tissue, with noise from a fixed seed. */
export class SyntheticSeries {
  readonly studyUid = '1.2.826.0.1.3680043.10.1';
  readonly seriesUid: string;
  readonly frames: readonly SeriesFrame[];
  readonly columns: number;
  readonly rows: number;
  readonly #scale: number;

  /** @param scale - Images have 96 x 80 pixels times this, each so much smaller. */
  constructor(suffix: number, slices = 20, scale = 1) {
    this.columns = 96 * scale;
    this.rows = 80 * scale;
    this.#scale = scale;
    this.seriesUid = `${this.studyUid}.${String(suffix)}`;
    this.frames = Array.from({ length: slices }, (_, k) => ({
      sopInstanceUid: `${this.seriesUid}.${String(k + 1)}`,
      sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
      frameNumber: 1,
      rows: this.rows,
      columns: this.columns,
      position: [-40, -50, k * 3] as const,
      orientation: [1, 0, 0, 0, 1, 0] as const,
      pixelSpacing: [0.9 / scale, 0.8 / scale] as const,
    }));
  }

  get opening(): Request<'series:open'> {
    const { studyUid, seriesUid } = this;
    return { studyUid, seriesUid, modality: 'CT', bodyPart: 'ABDOMEN', frames: [...this.frames] };
  }

  frame(k: number): string {
    const frame = this.frames[k];
    if (!frame) throw new RangeError(`no slice ${String(k)}`);
    return frameKeyOf(frame);
  }

  plane(k: number): Plane {
    return { axis: 'k', frame: this.frame(k) };
  }

  /** The ellipsoid spans a third of the series around its middle. */
  isInside(i: number, j: number, k: number): boolean {
    const n = this.frames.length;
    return ((i / this.#scale - 50) / 20) ** 2 + ((j / this.#scale - 38) / 14) ** 2 + ((k - n / 2) / (n / 3)) ** 2 <= 1;
  }

  truth(k: number): Runs {
    const mask = new Uint8Array(this.columns * this.rows);
    for (let p = 0; p < mask.length; p++)
      mask[p] = this.isInside(p % this.columns, Math.floor(p / this.columns), k) ? 1 : 0;
    return encodeRuns(mask);
  }

  /** The stored numbers of one voxel: HU. */
  #hu(i: number, j: number, k: number): number {
    // One step of a linear congruence on the voxel's own number: noise that needs no state.
    const noise = (((k * this.rows + j) * this.columns + i + 1) * 1_103_515_245 + 12_345) % 2_147_483_648;
    return (this.isInside(i, j, k) ? 140 : 20) + (noise / 2_147_483_648 - 0.5) * 30;
  }

  put(k: number): Request<'slice:put'> {
    return this.#message(this.plane(k), this.columns, this.rows, (i, j) => this.#hu(i, j, k));
  }

  /** The plane of all voxels of one column: its image columns are j, its rows k. */
  putColumn(i: number): Request<'slice:put'> {
    return this.#message({ axis: 'i', index: i }, this.rows, this.frames.length, (j, k) => this.#hu(i, j, k));
  }

  #message(plane: Plane, columns: number, rows: number, at: (x: number, y: number) => number): Request<'slice:put'> {
    const hu = Int16Array.from({ length: columns * rows }, (_, p) => at(p % columns, Math.floor(p / columns)));
    const pixels = new Uint8Array(hu.buffer);
    const hash = createHash('sha256').update(pixels).digest('hex');
    return { seriesUid: this.seriesUid, plane, hash, columns, rows, components: 1, type: 'int16', pixels };
  }
}
