import { expect, it } from 'vitest';
import type { ObjectScore } from './evaluateModel.ts';
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
  expect(lines.at(-1)).toContain('Dice 0.825 (0.700), NSD 0.412 (0.500)');
});
