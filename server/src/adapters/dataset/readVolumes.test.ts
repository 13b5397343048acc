import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listVolumes, readVolume } from './readVolumes.ts';

/**
 * Files as numpy and nibabel write them, of one volume [x, y, z] of 2 x 3 x 2 voxels: np.arange(12) * 10 - 40, 2 x 2 x 5 mm,
 * x to the right and y to the front; in the .npz the values in Fortran order and the labels in C order.
 */
const NPZ =
  'UEsDBC0AAAAIAAAAIQD8xuo9//////////8GABQAaHUubnB5AQAQAJgAAAAAAAAAYQAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mkrqOgnpZfVFKUmBefX5SSChIPKSpNBQoXZyQWpAK5GkY6CsY6CkaaOgq1CmQCrhv/RRje/NdgYGCwYXj0X47h238jBi4GNwYAUEsDBC0AAAAIAAAAIQBYk5J1//////////8HABQAZ3RzLm5weQEAEACMAAAAAAAAAFMAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgXlNqqK6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaRjoKxjoKRpo6CrUK5AEuBgZGBgYmEMHAAABQSwMELQAAAAgAAAAhAAPSEVH//////////woAFABhZmZpbmUubnB5AQAQAAABAAAAAAAAYQAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RomOgommjoKtQpkAy4GCHBgwApkDqAJoKnjwKFPBCr+wR67PAx8sAcAUEsBAi0DLQAAAAgAAAAhAPzG6j1hAAAAmAAAAAYAAAAAAAAAAAAAAIABAAAAAGh1Lm5weVBLAQItAy0AAAAIAAAAIQBYk5J1UwAAAIwAAAAHAAAAAAAAAAAAAACAAZkAAABndHMubnB5UEsBAi0DLQAAAAgAAAAhAAPSEVFhAAAAAAEAAAoAAAAAAAAAAAAAAIABJQEAAGFmZmluZS5ucHlQSwUGAAAAAAMAAwChAAAAwgEAAAAA';
const NII =
  'H4sIAAAAAAACA4thZCAKMDMwgTEjFKICFgYBMN1gDyQcIHiBA4SPjDc4Q9UMEsCExn9wAOh0ByR/IImDAVTMAUkO5k9UkKdtCKZv/BdhePNfA8iyYXj0X47h238jBi4GNwYAii2mpXgBAAA=';
const LABELS =
  'H4sIAAAAAAACA4thZCAKMDMwgTEjFKICJgYOMN1gDyQcIHiBA4SPjDc4Q9UMEsCExn9wAOh0ByR/IImDAVTMAUkO5k9UkKdtCGUxQgkmBgANM6DGbAEAAA==';
/** The same with x to the left and y to the back. */
const TURNED =
  'H4sIAAAAAAACA4thZCAKMDMwgTEjFKICFgYBMN1gDyQcIHiBA4SPjDc4Q9UMEsCExMZw1wEsGrCIgfyJCfK0DcH0jf8iDG/+awBZNgyP/ssxfPtvxMDF4MYAAGsGkxN4AQAA';
/** The same with scl_slope 0.5 and scl_inter 100. */
const SCALED =
  'H4sIAAAAAAACA4thZCAKMDMwgTEjFKICFgYBMN1gDyQcIHiBA4SPjDc4A+WA9AknhkEBmND4Dw4Ane6A5A8kcTCAijkgycH8iQrytA3B9I3/Igxv/msAWTYMj/7LMXz7b8TAxeDGAAAh6JXseAEAAA==';

/** As a viewer shows it: left is to the right, the back is below. */
const VALUES = [60, 0, 40, -20, 20, -40, 70, 10, 50, -10, 30, -30];
const OBJECTS = [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 1, 0];

const bytes = (base64: string) => Buffer.from(base64, 'base64');
const sets = [
  { id: 'small_ct', modality: 'ct', volume: 'ct/volume.npz' },
  { id: 'small_mr', modality: 'mr' },
  { id: 'flat', modality: 'us' },
];
const items = [{ set: 'small_mr', image: 'mr/small/1.png', mask: 'mr/small/1_mask.png', objects: [{ id: 1 }] }];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'volumes-'));
  await mkdir(join(folder, 'ct'));
  await mkdir(join(folder, 'mr', 'small_volumes'), { recursive: true });
  const files = { b: NII, b_label: LABELS, a: TURNED, a_label: LABELS, scaled: SCALED, scaled_label: LABELS };
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder, 'mr', 'small_volumes', `${name}.nii.gz`), bytes(content));
  await writeFile(join(folder, 'mr', 'small_volumes', 'notes.txt'), 'none');
  await writeFile(join(folder, 'ct', 'volume.npz'), bytes(NPZ));
  await writeFile(join(folder, 'ct', 'cut.npz'), bytes(NPZ).subarray(0, 300));
  await writeFile(join(folder, 'mr', 'cut.nii.gz'), bytes(NII).subarray(0, 60));
  await writeFile(join(folder, 'mr', 'cut_label.nii.gz'), bytes(LABELS));
  await writeFile(join(folder, 'mr', 'alone.nii.gz'), bytes(NII));
});
afterAll(() => rm(folder, { recursive: true }));

const mr = (path: string) => ({ set: 'small_mr', modality: 'mr', path });

it('lists the volume that a set names, and the pairs beside the images of a set', async () => {
  expect(await listVolumes(folder, { sets, items })).toEqual([
    { set: 'small_ct', modality: 'ct', path: 'ct/volume.npz' },
    mr('mr/small_volumes/a.nii.gz'),
    mr('mr/small_volumes/b.nii.gz'),
    mr('mr/small_volumes/scaled.nii.gz'),
  ]);
});

it('lists the pairs in the folder of a set that has no images', async () => {
  const inFolder = [{ id: 'mr/small_volumes', modality: 'mr' }];
  const paths = (await listVolumes(folder, { sets: inFolder, items: [] })).map(({ path }) => path);
  expect(paths).toEqual(['a', 'b', 'scaled'].map((name) => `mr/small_volumes/${name}.nii.gz`));
});

describe('a volume', () => {
  const facts = { columns: 2, rows: 3, slices: 2, spacingMm: [2, 2, 5] };

  it('of numpy comes as a viewer shows it, in Fortran and in C order', async () => {
    const volume = await readVolume(folder, { set: 'small_ct', modality: 'ct', path: 'ct/volume.npz' });
    expect(volume).toMatchObject({ ...facts, set: 'small_ct', name: 'ct/volume.npz', series: { modality: 'CT' } });
    expect([...volume.values]).toEqual(VALUES);
    expect([...volume.labels]).toEqual(OBJECTS);
  });

  it('of NIfTI comes as a viewer shows it, whichever way its axes run', async () => {
    const volume = await readVolume(folder, mr('mr/small_volumes/b.nii.gz'));
    expect(volume).toMatchObject(facts);
    expect([...volume.values]).toEqual(VALUES);
    expect([...volume.labels]).toEqual(OBJECTS);
    const stored = await readVolume(folder, mr('mr/small_volumes/a.nii.gz'));
    expect([...stored.values]).toEqual([-40, 20, -20, 40, 0, 60, -30, 30, -10, 50, 10, 70]);
  });

  it('is scaled as its header says', async () => {
    const { values } = await readVolume(folder, mr('mr/small_volumes/scaled.nii.gz'));
    expect([...values]).toEqual(VALUES.map((value) => value * 0.5 + 100));
  });

  it.each([
    ['ct/cut.npz', /cut\.npz is no \.npz file/],
    ['ct/none.npz', /none\.npz cannot be read/],
    ['mr/cut.nii.gz', /cut\.nii\.gz is no NIfTI file/],
    ['mr/alone.nii.gz', /alone_label\.nii\.gz cannot be read/],
  ])('that cannot be used is named: %s', async (path, message) => {
    await expect(readVolume(folder, mr(path))).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringMatching(message) as string,
    });
  });
});
