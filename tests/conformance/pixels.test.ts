import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readFrame, type DecodedFrame } from '../../server/src/adapters/dicom/decodeFrame.ts';
import { readPart10 } from '../../server/src/adapters/dicom/readPart10.ts';
import { filesIn, unpack } from '../fixtures/realSeries.ts';
import { describeWith, python, runPython, SHARED_DATA, sharedData } from './tools.ts';

/** Two JPEG decoders may round their inverse cosine transform and colour conversion differently. */
const JPEG_TOLERANCE = 3;
const LOSSY_JPEG = ['examples_ybr_color.dcm', 'sample-op.dcm'];
/** Full-range YCbCr to RGB is rounded once here, and may be in another order there. */
const COLOUR_TOLERANCE = 1;

const FOLDERS = [
  'ct_totalseg_made30',
  'seg_ct_dcmqi',
  'us_pydicom',
  'sm_highdicom',
  'enhanced_mr_siemens',
  'op_dx_dcmjs',
  'cr_multiframe_dwv',
  'wg04',
];
const ARCHIVES = ['ct_head_ge_tilt28.tar.xz', 'ct_phantom_philips28.tar.xz', 'mr_t1_datalad384.tar.gz'];

function modalityValues(frame: DecodedFrame): ArrayLike<number> {
  if (frame.components === 3) return frame.pixels;
  return Float32Array.from(frame.pixels, (stored) => stored * frame.slope + frame.intercept);
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let n = 0; n < a.length; n++) largest = Math.max(largest, Math.abs((a[n] ?? NaN) - (b[n] ?? NaN)));
  return largest;
}

async function imageFiles(): Promise<string[]> {
  const files: string[] = [];
  for (const path of ARCHIVES) files.push(...(await filesIn(await unpack({ name: path, path }, out))));
  for (const folder of FOLDERS)
    for (const name of (await readdir(`${SHARED_DATA}/dicom/${folder}`)).sort()) {
      const file = join(SHARED_DATA, 'dicom', folder, name);
      const { header } = readPart10(await readFile(file));
      if (header['00080060']?.Value?.[0] !== 'SEG') files.push(file);
    }
  return files;
}

/** Decodes every frame of the files, here and with pydicom, and says where they differ. */
async function differences(files: readonly string[], out: string): Promise<{ frames: number; different: string[] }> {
  await runPython('modality_values.py', [out, ...files]);
  const index = JSON.parse(await readFile(join(out, 'index.json'), 'utf8')) as [
    number,
    number,
    number,
    number,
    1 | 3,
    boolean,
    [number, number] | null,
  ][];
  const different: string[] = [];
  for (const [n, frameNumber, rows, columns, components, inverted, padding] of index) {
    const ours = await readFrame(readPart10(await readFile(files[n] ?? '')), frameNumber);
    const bytes = await readFile(join(out, `${String(n)}.${String(frameNumber)}.bin`));
    const theirs = components === 3 ? bytes : new Float32Array(new Uint8Array(bytes).buffer);
    const sameShape = ours.rows === rows && ours.columns === columns && ours.components === components;
    const by = largestDifference(modalityValues(ours), theirs);
    const name = `${files[n] ?? ''} frame ${String(frameNumber)}`;
    if (ours.invert !== inverted || String(ours.padding ?? null) !== String(padding))
      different.push(`${name}: inverted ${String(ours.invert)}, padding ${String(ours.padding)}`);
    if (!sameShape || by > toleranceOf(name, components)) different.push(`${name}: by ${String(by)}`);
  }
  return { frames: index.length, different };
}

function toleranceOf(name: string, components: 1 | 3): number {
  if (LOSSY_JPEG.some((lossy) => name.includes(lossy))) return JPEG_TOLERANCE;
  return components === 3 ? COLOUR_TOLERANCE : 0;
}

let out = '';
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'medsam-pixels-'));
});
afterAll(() => rm(out, { recursive: true, force: true }));

describeWith([sharedData, python], 'pixels of real series', () => {
  it('are the same modality values as with pydicom, in every frame', { timeout: 300_000 }, async () => {
    const { frames, different } = await differences(await imageFiles(), out);
    expect(different).toEqual([]);
    expect(frames).toBeGreaterThan(130 + 28 + 28 + 384 - 1);
  });
});

describeWith([python], 'pixels of every kind in every transfer syntax that pydicom writes', () => {
  it('are the same modality values as with pydicom, in every frame', { timeout: 120_000 }, async () => {
    const names = JSON.parse(await runPython('make_syntaxes.py', [out])) as string[];
    const { frames, different } = await differences(
      names.map((name) => join(out, name)),
      out,
    );
    expect(different).toEqual([]);
    expect(frames).toBe(5 * 7 * 3);
  });
});
