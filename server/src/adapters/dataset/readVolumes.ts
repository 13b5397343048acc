/**
 * Volumes with ground truth of the sets of a manifest: the `.npz` that a set names as its `volume` (arrays `hu`, `gts` [x, y, z],
 * `affine`), and the pairs NAME.nii.gz and NAME_label.nii.gz in the folder called as that of the set's images, `_volumes` behind, or, of a set
 * without images, in that called as the set.
 */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '@ohif-medsam/protocol';
import type { TruthVolume } from '../../evaluate/volume/volume.ts';
import type { PixelArray } from '../../ports/sliceStore.ts';
import { asViewed, spacingOf, type Grid } from './grid.ts';
import { readNifti } from './nifti.ts';
import { readNpz, type NpyArray } from './npz.ts';
import type { Manifest } from './readDataset.ts';

/** Path of a volume below the data folder, and the set that it belongs to. */
export interface VolumeItem {
  readonly set: string;
  readonly modality: string;
  readonly path: string;
}

const NIFTI = /(?<!_label)\.nii(\.gz)?$/;

/** The volumes that there are, by set and name. */
export async function listVolumes(folder: string, { sets, items }: Manifest): Promise<readonly VolumeItem[]> {
  const found = sets.map(async ({ id, modality, volume }): Promise<VolumeItem[]> => {
    if (volume !== undefined) return [{ set: id, modality, path: volume }];
    const first = items.find(({ set }) => set === id);
    const beside = first ? `${dirname(first.image)}_volumes` : id;
    const names = await readdir(join(folder, beside)).catch(() => []);
    const images = names.filter((name) => NIFTI.test(name)).sort();
    return images.map((name) => ({ set: id, modality, path: `${beside}/${name}` }));
  });
  return (await Promise.all(found)).flat();
}

/** @throws AppError `input-invalid` if a file cannot be read, or values and labels are not of one grid. */
export async function readVolume(folder: string, { set, modality, path }: VolumeItem): Promise<TruthVolume> {
  const { values, labels } = path.endsWith('.npz') ? await fromNpz(folder, path) : await fromNifti(folder, path);
  if (values.size.join() !== labels.size.join())
    throw new AppError('input-invalid', `${path}: values and labels are of different sizes.`);
  const [columns, rows, slices] = values.size;
  return {
    set,
    name: path,
    series: { modality: modality.toUpperCase() },
    columns,
    rows,
    slices,
    spacingMm: spacingOf(values),
    values: asViewed(values).data,
    labels: Uint16Array.from(asViewed(labels).data),
  };
}

interface Pair {
  readonly values: Grid;
  readonly labels: Grid;
}

async function fromNpz(folder: string, path: string): Promise<Pair> {
  const arrays = readNpz(await bytesOf(folder, path), path);
  const affine = arrays.get('affine');
  if (affine?.shape.join() !== '4,4') throw new AppError('input-invalid', `${path} has no 4 x 4 "affine".`);
  const rows = [0, 1, 2, 3].map((row) => Array.from(affine.data.subarray(4 * row, 4 * row + 4)));
  const grid = (name: string) => gridOf(arrays.get(name), rows, `${path}: "${name}"`);
  return { values: grid('hu'), labels: grid('gts') };
}

function gridOf(array: NpyArray | undefined, affine: readonly (readonly number[])[], what: string): Grid {
  const [x, y, z] = array?.shape ?? [];
  if (!array || array.shape.length !== 3 || x === undefined || y === undefined || z === undefined)
    throw new AppError('input-invalid', `${what} is no volume.`);
  const isWide = array.data instanceof Int32Array || array.data instanceof Float64Array;
  const data: PixelArray = isWide ? Float32Array.from(array.data) : array.data;
  return { size: [x, y, z], data: array.fortranOrder ? data : firstAxisFastest(data, x, y, z), affine };
}

function firstAxisFastest(data: PixelArray, x: number, y: number, z: number): PixelArray {
  const turned = data.slice();
  for (let k = 0, at = 0; k < z; k++)
    for (let j = 0; j < y; j++) for (let i = 0; i < x; i++, at++) turned[at] = data[(i * y + j) * z + k] ?? 0;
  return turned;
}

async function fromNifti(folder: string, path: string): Promise<Pair> {
  const labels = path.replace(/\.nii(\.gz)?$/, (end) => `_label${end}`);
  const read = async (name: string) => readNifti(await bytesOf(folder, name), name);
  return { values: await read(path), labels: await read(labels) };
}

const bytesOf = (folder: string, path: string): Promise<Buffer> =>
  readFile(join(folder, path)).catch((cause: unknown) => {
    throw new AppError('input-invalid', `${path} cannot be read.`, { cause });
  });
