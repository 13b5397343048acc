import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, statfs, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { writePart10 } from '../../server/src/adapters/dicom/writePart10.ts';
import { makeModelFolder } from '../../server/src/adapters/onnx/fixtures/modelFolder.ts';
import { readPart10 } from '../../server/src/adapters/dicom/readPart10.ts';
import { textOf } from '../../server/src/ports/dicomJson.ts';
import { filesIn, middleInstance, REAL_SERIES, unpack } from '../fixtures/realSeries.ts';
import { ctSeries, radiographSeries } from '../fixtures/sourceSeries.ts';
import { disks, makeDisk } from '../support/disk.ts';
import { complaints, describeWith, dicom3tools, python, runPython, SHARED_DATA, sharedData } from './tools.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The line of JSON that it prints. */
interface Answer {
  readonly out: string;
  readonly volumeMl: number | null;
  readonly slices: number;
  readonly seconds: number;
  readonly model: string;
  readonly forward: string | null;
  readonly backward: string | null;
}

/** What `npm run segment` does. */
const COMMAND = [process.execPath, '--import', 'tsx', 'server/src/cli/segment.ts'];

const run = (...args: string[]): Promise<Ended> => runWith({}, [...COMMAND, ...args]);

/** @param onStart - Told of the process that runs. */
const runWith = (
  variables: Readonly<Record<string, string>>,
  [program = '', ...args]: readonly string[],
  onStart: (pid: number) => void = () => undefined,
): Promise<Ended> =>
  new Promise((resolve) => {
    const options = { cwd: repository, env: { ...process.env, ...variables } };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
    onStart(child.pid ?? 0);
  });

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medsam-command-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const series = ctSeries({ rows: 64, columns: 64 });
const uid = (n: number) => textOf(series.headers[n] ?? {}, '00080018') ?? '';

async function made(name: string, files = series.files): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  await Promise.all(files.map((file, n) => writeFile(join(path, `${String(n)}.dcm`), file)));
  return path;
}

it('segments each of several radiographs of one series, of whatever size the others are', async () => {
  const radiographs = radiographSeries();
  const path = await made('radiographs', radiographs.files);
  for (const [n, box] of ['12,20,36,44', '30,18,74,62'].entries()) {
    const header = radiographs.headers[n] ?? {};
    const instance = textOf(header, '00080018') ?? '';
    const out = join(folder, `radiograph${String(n)}.dcm`);
    const from = ['--input', path, '--instance', instance, '--box', box];
    const { stdout, stderr } = await run(...from, '--propagate', '--out', out);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ slices: 1, forward: 'series-end', backward: 'series-end' });
    const seg = readPart10(await readFile(out)).header;
    for (const side of ['00280010', '00280011']) expect(seg[side]?.Value).toEqual(header[side]?.Value);
  }
}, 60_000);

describe('bad input ends with a sentence and code 1, and writes nothing', () => {
  async function fails(input: string, instance: string, words: RegExp, box = '10,10,30,30', ...more: string[]) {
    const out = join(folder, 'never.dcm');
    const { code, stdout, stderr } = await run(
      '--input',
      input,
      '--instance',
      instance,
      '--box',
      box,
      '--out',
      out,
      ...more,
    );
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect([code, stdout]).toEqual([1, '']);
    await expect(readFile(out)).rejects.toThrow();
  }

  it('a folder without DICOM', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    await writeFile(join(empty, 'readme.txt'), 'no images here');
    await fails(empty, uid(0), /holds no DICOM file among its 1 files/);
  });

  it('a truncated file', async () => {
    const path = await made('truncated');
    await truncate(join(path, '2.dcm'), 500);
    await fails(path, uid(0), /2\.dcm: Its elements break off/);
  });

  it.each(['10,10,30', '10,,30,30', '0x10,10,30,30', '1e1,10,30,30'])('the box %s', (box) =>
    fails(folder, uid(0), /four whole numbers/, box),
  );

  describe('a whole series, and', () => {
    let path = '';
    beforeAll(async () => void (path = await made('whole')));
    it('an instance that is not there', () => fails(path, '1.2.3', /None of the 5 images is 1\.2\.3/));
    it('a frame that is not there', () => fails(path, uid(0), /has no frame 2/, '10,10,30,30', '--frame', '2'));
    it('a box outside', () => fails(path, uid(0), /outside the image of 64 x 64/, '100,100,130,130'));
    it('an unknown model', () => fails(path, uid(0), /no such model/, '10,10,30,30', '--model', 'nobody'));
  });
});

describe('where the result cannot be written', () => {
  it.each([
    ['a folder that is not there', () => join(folder, 'nowhere', 'seg.dcm')],
    ['a folder in its place', () => folder],
  ])('%s: is told before anything is read', async (_, out) => {
    const ended = await run('--input', '/no/images', '--instance', '1.2', '--box', '1,1,9,9', '--out', out());
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^.* cannot be written/);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
  });
});

describeWith([disks], 'where the disk is full when the result is written', () => {
  it('there is no part of it, which would pass for the whole', async () => {
    const disk = await makeDisk(1);
    onTestFinished(() => disk.remove());
    const out = join(disk.folder, 'seg.dcm');
    const { bavail, bsize } = await statfs(disk.folder);
    await writeFile(join(disk.folder, 'ballast'), Buffer.alloc(bavail * bsize));
    const input = await made('full');
    const ended = await run('--input', input, '--instance', uid(0), '--box', '10,10,30,30', '--out', out);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/cannot be written: ENOSPC/);
    expect(await readdir(disk.folder)).toEqual(['ballast']);
  });
});

describe('with a model that finds what is bright and takes its time', () => {
  let variables: Readonly<Record<string, string>>;
  let place: readonly string[];
  beforeAll(async () => {
    const models = { folder: await makeModelFolder('bright', 'slow'), default: 'slow' };
    const bright = ctSeries({ rows: 64, columns: 64, positionsMm: Array.from({ length: 60 }, (_, n) => n) });
    // Half dark, half bright.
    const pixels = new Uint8Array(Int16Array.from({ length: 64 * 64 }, (_, at) => (at % 64 < 32 ? 0 : 1000)).buffer);
    const files = bright.headers.map((header) => writePart10(header, pixels));
    const config = join(folder, 'settings.json');
    await writeFile(config, JSON.stringify({ models }));
    variables = { MEDSAM_CONFIG: config };
    const instance = textOf(bright.headers[0] ?? {}, '00080018') ?? '';
    place = ['--input', await made('settings', files), '--instance', instance, '--box', '0,0,63,63'];
    return () => rm(models.folder, { recursive: true });
  });

  it('npm run segment without --model: the model is the one of the settings', async () => {
    const command = ['npm', 'run', '--silent', 'segment', '--', ...place, '--out', join(folder, 'slow.dcm')];
    const { code, stdout, stderr } = await runWith(variables, command);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ model: 'slow' });
  });

  it.runIf(process.platform === 'linux')('an engine that dies again and again: code 1, and no file', async () => {
    const out = join(folder, 'half.dcm');
    let timer: NodeJS.Timeout | undefined;
    const killEngines = (pid: number) => {
      for (const child of readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8').split(' '))
        if (child !== '') process.kill(Number(child), 'SIGKILL');
    };
    const ended = await runWith(variables, [...COMMAND, ...place, '--propagate', '--out', out], (pid) => {
      timer = setInterval(() => killEngines(pid), 200);
    }).finally(() => clearInterval(timer));
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^The inference process failed on this request\./m);
    await expect(readFile(out)).rejects.toThrow();
  });
});

/** UIDs that nobody may give out, and several frames in a class that has one: the segmentation has to name them as they are. */
const sourceFault = (line: string): boolean => /Illegal root for UID|SOP Class that is not multi-frame/.test(line);

const STOP_REASONS = ['object-ended', 'object-lost', 'series-end'];

describeWith([sharedData, dicom3tools], 'npm run segment on real series', () => {
  it.each(REAL_SERIES)('$name', { timeout: 300_000 }, async (real) => {
    const input = await unpack(real, folder);
    const out = join(folder, 'out.dcm');
    const files = await filesIn(input);
    const middle = await middleInstance(files);
    // Another series in the same folder is none of its business.
    const [other] = ctSeries({ root: '5', positionsMm: [1] }).files;
    await writeFile(join(input, 'another-series.dcm'), other ?? '');
    const place = ['--input', input, '--instance', middle.sopInstanceUid, '--frame', String(real.frame ?? 1)];
    const more = real.propagate ? ['--propagate'] : [];
    const { code, stdout, stderr } = await run(...place, '--box', real.box.join(), '--out', out, ...more);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    const answer = JSON.parse(stdout) as Answer;
    expect(answer).toMatchObject({ out, model: 'embedded-box' });
    expect(answer.slices).toBeGreaterThanOrEqual(1);
    expect(answer.seconds).toBeGreaterThan(0);
    expect(STOP_REASONS.includes(answer.forward ?? '')).toBe(real.propagate === true);
    expect(STOP_REASONS.includes(answer.backward ?? '')).toBe(real.propagate === true);
    const { header } = readPart10(await readFile(out));
    expect(textOf(header, '00280008')).toBe(String(answer.slices));
    // Without a Frame of Reference nothing says how far its slices are apart.
    if (header['00200052']) expect(answer.volumeMl).toBeGreaterThan(0);
    else expect(answer.volumeMl).toBeNull();
    const copied = await complaints('dciodvfy', ['-new', files[0] ?? '']);
    const own = await complaints('dciodvfy', ['-new', out]);
    expect(own.filter((line) => !copied.includes(line) && !sourceFault(line))).toEqual([]);
  });
});

/** Labels of TotalSegmentator, and what the project's model has to reach at least when it is given the box of one slice. */
const ORGANS = [
  ['liver', 5, 0.6],
  ['spleen', 1, 0.6],
  ['right kidney', 2, 0.6],
] as const;

describeWith([sharedData, python], 'npm run segment on the CT with ground truth', () => {
  it.each(ORGANS)('finds the %s', { timeout: 120_000 }, async (name, label, atLeast) => {
    const input = join(SHARED_DATA, 'dicom', 'ct_totalseg_made30');
    const volume = join(SHARED_DATA, 'eval', 'ct', 'totalseg_ct', 'volume.npz');
    const prompt = JSON.parse(await runPython('ground_truth.py', ['box', volume, String(label)])) as {
      position: number;
      box: number[];
    };
    const headers = await Promise.all(
      (await readdir(input)).map(async (file) => readPart10(await readFile(join(input, file))).header),
    );
    const there =
      headers.find((header) => Math.abs(Number(header['00200032']?.Value?.[2]) - prompt.position) < 0.1) ?? {};
    const out = join(folder, `${name}.dcm`);
    const ended = await run(
      '--input',
      input,
      '--instance',
      textOf(there, '00080018') ?? '',
      '--box',
      prompt.box.join(),
      '--propagate',
      '--out',
      out,
    );
    expect(ended.stderr).toBe('');
    const { dice, ml } = JSON.parse(await runPython('ground_truth.py', ['dice', volume, String(label), out])) as {
      dice: number;
      ml: number;
    };
    const { volumeMl } = JSON.parse(ended.stdout) as Answer;
    expect(volumeMl).toBeCloseTo(ml, 2);
    console.log(`${name}: Dice ${dice.toFixed(3)} ${ended.stdout.trim()}`);
    expect(dice).toBeGreaterThan(atLeast);
  });
});
