import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encode } from 'fast-png';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeModelFolder } from '../adapters/onnx/fixtures/modelFolder.ts';
import type { Report } from '../evaluate/report.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npm run evaluate -- ARGS`, without npm in between: it would keep signals for itself. */
function run(args: readonly string[], onStderr: (text: string, kill: () => void) => void = () => undefined) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'server/src/cli/evaluate.ts', ...args], {
    cwd: repository,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) =>
    onStderr((stderr += chunk.toString()), () => child.killed || child.kill('SIGINT')),
  );
  return new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

const [WIDTH, HEIGHT, IMAGES] = [80, 60, 6];

/** Two bright discs on a dark ground, each an object; one of them is not as large as it looks. */
async function makeData(folder: string): Promise<void> {
  const sets = ['discs', 'same'].map((id) => ({ id, modality: 'us' }));
  const items = [];
  for (let n = 0; n < IMAGES; n++) {
    const [pixels, labels] = [new Uint8Array(WIDTH * HEIGHT), new Uint8Array(WIDTH * HEIGHT)];
    for (let at = 0; at < pixels.length; at++) {
      const [x, y] = [at % WIDTH, Math.floor(at / WIDTH)];
      const [left, right] = [Math.hypot(x - 20 - n, y - 30), Math.hypot(x - 58, y - 25 - n)];
      pixels[at] = Math.min(left, right) < 12 ? 220 : 30;
      labels[at] = left < 12 ? 1 : right < 9 ? 2 : 0;
    }
    const [image, mask] = [`image${String(n)}.png`, `image${String(n)}_mask.png`];
    await writeFile(join(folder, image), encode({ width: WIDTH, height: HEIGHT, data: pixels, channels: 1 }));
    await writeFile(join(folder, mask), encode({ width: WIDTH, height: HEIGHT, data: labels, channels: 1 }));
    items.push({ set: n % 2 === 0 ? 'discs' : 'same', image, mask, objects: [{ id: 1 }, { id: 2 }] });
  }
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ sets, items }));
}

let folder: string;
let models: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medsam-evaluate-'));
  models = await makeModelFolder('bright', 'slow');
  await makeData(folder);
});
afterAll(() => Promise.all([folder, models].map((each) => rm(each, { recursive: true }))));

const argsFor = (model: string, out: string) => ['--data', folder, '--models', models, '--model', model, '--out', out];

it(
  'writes the same report and page twice, of the agreed form, and tells how far it is',
  { timeout: 120_000 },
  async () => {
    const outs = ['first.json', 'second.json'].map((name) => join(folder, name));
    for (const out of outs) {
      const { code, stdout, stderr } = await run(argsFor('bright', out));
      expect(code).toBe(0);
      expect(stdout).toMatch(/^\| set \| objects \| Dice/);
      expect(stderr).toContain('objects: 12 of 12');
    }
    const [first, second] = await Promise.all(outs.map((out) => readFile(out, 'utf8')));
    expect(second).toBe(first);
    const report = JSON.parse(first ?? '') as Report;
    expect(report.model).toMatchObject({ id: 'bright', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    expect(Object.keys(report.sets)).toEqual(['discs', 'same']);
    const { n, dice, nsd, baselines } = report.sets['discs'] ?? {};
    expect(n).toBe(6);
    expect(dice?.mean).toBeGreaterThan(0.85);
    expect(dice?.iqr[0]).toBeLessThanOrEqual(dice?.median ?? 0);
    expect(nsd?.mean).toBeGreaterThan(0.5);
    expect(baselines).toMatchObject({
      ellipse: { dice: expect.any(Number) as number },
      otsu: { nsd: expect.any(Number) as number },
    });
    // The model believes a click.
    expect(report.clicked?.dice).toBeGreaterThan(report.mean.model.dice);
    expect(report.worst[0]).toMatchObject({ object: 2 });
    const pages = await Promise.all(outs.map((out) => readFile(out.replace('.json', '.html'), 'utf8')));
    expect(pages[1]).toBe(pages[0]);
    expect(pages[0]).toContain('image0.png');
  },
);

it('takes the first objects of each set with --limit', { timeout: 60_000 }, async () => {
  const out = join(folder, 'limited.json');
  expect(await run([...argsFor('bright', out), '--limit', '1'])).toMatchObject({ code: 0 });
  const { sets } = JSON.parse(await readFile(out, 'utf8')) as Report;
  expect(Object.values(sets).map(({ n }) => n)).toEqual([1, 1]);
});

it('moves the boxes of 40 objects that are judged, not of those that are too small', { timeout: 60_000 }, async () => {
  const crowded = join(folder, 'crowded');
  await mkdir(crowded);
  const side = 128; // One pixel of it is 64 at 1024, two are 128.
  const [pixels, labels] = [new Uint8Array(side * side).fill(30), new Uint8Array(side * side)];
  for (let id = 1; id <= 100; id++) {
    const at = side * (1 + id) + id;
    labels.fill(id, at, at + (id <= 42 ? 2 : 1));
    pixels.fill(220, at, at + 2);
  }
  for (const [name, data] of [
    ['image.png', pixels],
    ['mask.png', labels],
  ] as const)
    await writeFile(join(crowded, name), encode({ width: side, height: side, data, channels: 1 }));
  const objects = Array.from({ length: 101 }, (_, n) => ({ id: n + 1 })); // The last is not in the label map.
  const items = [{ set: 'crowded', image: 'image.png', mask: 'mask.png', objects }];
  await writeFile(join(crowded, 'manifest.json'), JSON.stringify({ sets: [], items }));
  const out = join(crowded, 'report.json');
  const { code, stderr } = await run(['--data', crowded, '--models', models, '--model', 'bright', '--out', out]);
  expect([code, stderr]).toEqual([0, expect.stringContaining('objects: 42 of 42')]);
  const { sets } = JSON.parse(await readFile(out, 'utf8')) as Report;
  expect(sets['crowded']).toMatchObject({ n: 42, jitter: { n: 40 } });
});

it('leaves nothing behind when it is interrupted, and what there was as it was', { timeout: 60_000 }, async () => {
  const place = join(folder, 'interrupted');
  await mkdir(place);
  await writeFile(join(place, 'report.json'), 'of yesterday');
  const ended = await run(argsFor('slow', join(place, 'report.json')), (stderr, kill) => {
    if (stderr.includes('objects: 0 of 12')) kill();
  });
  expect(ended).toMatchObject({ code: 130, stdout: '' });
  expect(ended.stderr).not.toMatch(/^\s+at /m);
  expect(await readdir(place)).toEqual(['report.json']);
  expect(await readFile(join(place, 'report.json'), 'utf8')).toBe('of yesterday');
});

it('prints what it found even where the report cannot be written any more', { timeout: 60_000 }, async () => {
  const place = join(folder, 'gone');
  await mkdir(place);
  const { code, stdout } = await run(argsFor('bright', join(place, 'report.json')), (stderr) => {
    if (stderr.includes('objects: 0 of 12')) rmSync(place, { recursive: true, force: true });
  });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^\| set \| objects \| Dice/);
});

it.each([
  ['no folder', [], /--data DIR/],
  ['a folder without a manifest', ['--data', tmpdir()], /There is no .*manifest\.json/],
  ['a limit that is none', ['--data', '.', '--limit', 'few'], /--limit must be a number/],
  ['an option that does not exist', ['--data', '.', '--fast'], /--fast/],
])('says in a sentence what is wrong: %s', { timeout: 60_000 }, async (_, args, message) => {
  const { code, stdout, stderr } = await run(args);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/^\s+at /m);
});

it(
  'says so before the work if the report cannot be written or the model does not exist',
  { timeout: 60_000 },
  async () => {
    const nowhere = await run(argsFor('bright', join(folder, 'nowhere', 'report.json')));
    expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining('cannot be written')]);
    await mkdir(join(folder, 'taken.html'));
    for (const out of [folder, join(folder, 'taken.json')]) {
      const { code, stdout, stderr } = await run(argsFor('bright', out));
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/cannot be written: it is a folder/);
    }
    const nobody = await run(argsFor('nobody', join(folder, 'never.json')));
    expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('no such model')]);
  },
);
