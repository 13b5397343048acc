import { expect, it } from 'vitest';
import type { ObjectScore } from './evaluateModel.ts';
import { BOX_MOVES } from './moveBox.ts';
import { reportOf } from './report.ts';
import { tableOf } from './table.ts';

const model = { id: 'm', title: 'M', version: '1', device: 'CPU', sha256: 'f'.repeat(64), licence: 'Apache-2.0' };

const scored = (set: string, dice: number, ellipse: number, otsu: number): ObjectScore => ({
  set,
  image: 'i.png',
  object: 1,
  box: [1, 2, 30, 40],
  area1024: 1_000,
  predicted: dice,
  mask: [],
  model: { dice, nsd: dice / 2 },
  ellipse: { dice: ellipse, nsd: 0.5 },
  otsu: { dice: otsu, nsd: 0.25 },
});

const scores = [
  ...[0.5, 0.7, 0.8, 1].map((dice) => scored('ct', dice, 0.6, 0.2)),
  ...[0.9, 0.9].map((dice) => scored('mr', dice, 0.1, 0.8)),
];

it('counts every set alike, whatever the number of its objects, and takes the better baseline of each', () => {
  const report = reportOf(model, scores);
  expect(report.sets['ct']?.dice).toEqual({ mean: 0.75, median: 0.75, iqr: [0.65, 0.85] });
  expect(report.sets['mr']?.n).toBe(2);
  expect(report.mean).toEqual({ model: { dice: 0.825, nsd: 0.4125 }, baseline: { dice: 0.7, nsd: 0.5 } });
});

it('prints both baselines beside the model', () => {
  const lines = tableOf(reportOf(model, scores)).split('\n');
  expect(lines).toContain('| ct | 4 | 0.750 | 0.750 | 0.600 | 0.200 | 0.375 | 0.500 | 0.250 |');
  expect(lines.join('\n')).toContain('Dice 0.825 (0.700), NSD 0.412 (0.500)');
});

it('compares moved boxes with the tight ones of the same objects only', () => {
  const every = (dice: number) => Object.fromEntries(BOX_MOVES.map(({ name }) => [name, { dice, nsd: 0.5 }]));
  const swept = [
    { ...scored('ct', 0.8, 0, 0), moved: every(0.7) },
    { ...scored('ct', 0.2, 0, 0) },
    { ...scored('mr', 0.6, 0, 0), moved: every(0.6) },
  ];
  const { jitter, sets } = reportOf(model, swept);
  expect(sets['ct']?.jitter).toMatchObject({ n: 1, tight: { dice: 0.8 }, moved: { outward10: { dice: 0.7 } } });
  expect(jitter).toMatchObject({ n: 2, tight: { dice: 0.7 }, moved: { fixed20: { dice: 0.65 } } });
});

it('says what one click gains, in each set and in all, and nothing of models that take none', () => {
  const clicked = [
    { ...scored('ct', 0.5, 0, 0), clicked: { dice: 0.7, nsd: 0.4 } },
    { ...scored('ct', 0.7, 0, 0), clicked: { dice: 0.9, nsd: 0.5 } },
    { ...scored('mr', 0.8, 0, 0), clicked: { dice: 0.9, nsd: 0.65 } },
  ];
  const report = reportOf(model, clicked);
  expect(report.sets['ct']?.clicked).toEqual({ dice: 0.8, nsd: 0.45 });
  expect(report.clicked).toEqual({ dice: 0.85, nsd: 0.55 });
  const lines = tableOf(report).split('\n');
  expect(lines).toContain('| ct | 0.600 | 0.800 | 0.300 | 0.450 |');
  expect(lines).toContain('| mean | 0.700 | 0.850 | 0.350 | 0.550 |');
  expect(reportOf(model, scores)).not.toHaveProperty('clicked');
  expect(tableOf(reportOf(model, scores))).not.toContain('click');
});

it('sorts objects by their size at 1024 px, whatever the image', () => {
  const sizes = [31 ** 2, 32 ** 2, 95 ** 2, 500 ** 2].map((area1024) => ({ ...scored('ct', 0.5, 0, 0), area1024 }));
  const counts = Object.entries(reportOf(model, sizes).sizes).map(([name, { n }]) => [name, n]);
  expect(counts).toEqual([
    ['under 32 px', 1],
    ['32 to 96 px', 2],
    ['over 256 px', 1],
  ]);
});

it('names the ten of lowest Dice, worst first', () => {
  const many = Array.from({ length: 30 }, (_, n) => ({ ...scored('ct', ((n * 7) % 30) / 30, 0, 0), object: n }));
  const { worst } = reportOf(model, many);
  expect(worst.map(({ dice }) => Math.round(dice * 30))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(worst[1]).toEqual({ set: 'ct', image: 'i.png', object: 13, box: [1, 2, 30, 40], dice: 0.0333, nsd: 0.0167 });
});

it('says how well the score of the model foretells the real IoU', () => {
  const honest = [0.2, 0.5, 0.9].map((dice) => ({ ...scored('ct', dice, 0, 0), predicted: dice / (2 - dice) }));
  expect(reportOf(model, honest).scoreCorrelation).toBe(1);
  expect(reportOf(model, [scored('ct', 0.2, 0, 0)]).scoreCorrelation).toBeNull();
});
