import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { inscribedEllipse } from '../baselines.ts';
import type { ObjectScore } from '../evaluateModel.ts';
import { BOX_MOVES } from '../moveBox.ts';
import { reportOf } from '../report.ts';
import { outlinePath } from './casePicture.ts';
import type { Case } from './cases.ts';
import { reportPage } from './reportPage.ts';

const [columns, rows] = [60, 40];
const image = { key: 'i', columns, rows, components: 1 as const, pixels: new Uint8Array(columns * rows).fill(99) };
const box = [20, 10, 39, 24] as const;
const moved = Object.fromEntries(BOX_MOVES.map(({ name }) => [name, { dice: 0.4, nsd: 0.3 }]));
const scored = (set: string, object: number): ObjectScore => ({
  set,
  image: `${set}/i.png`,
  object,
  box,
  area1024: 5_000,
  model: { dice: 0.5, nsd: 0.4 },
  ellipse: { dice: 0.6, nsd: 0.3 },
  otsu: { dice: 0.1, nsd: 0.1 },
  predicted: 0.7,
  mask: inscribedEllipse([22, 10, 39, 20], columns, rows),
  moved,
});
const caseOf = (score: ObjectScore): Case => ({ score, image, truth: inscribedEllipse(box, columns, rows) });
const weights = { id: 'm', version: '1', sha256: 'f'.repeat(64) };
const pageOf = (scores: readonly ObjectScore[]) => {
  const sets = [...new Set(scores.map(({ set }) => set))];
  const bySet = new Map(sets.map((name) => [name, scores.filter(({ set }) => set === name).map(caseOf)]));
  return reportPage(reportOf(weights, scores), scores, scores.map(caseOf), bySet);
};

describe('the page', () => {
  const page = pageOf([scored('ct', 1), scored('ct', 2), scored('mr', 1)]);

  it('loads nothing from anywhere, and repeats itself', () => {
    const links = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, to = '']) => to);
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((to) => !to.startsWith('#') && !to.startsWith('data:image/png;base64,'))).toEqual([]);
    expect(page).not.toMatch(/https?:|@import|url\(/);
    expect(pageOf([scored('ct', 1), scored('ct', 2), scored('mr', 1)])).toBe(page);
  });

  it('links only to what is there', () => {
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, to] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(to);
  });

  it('shows the part of the image around the masks', () => {
    const [, base64 = ''] = /data:image\/png;base64,([^"]+)"/.exec(page) ?? [];
    const { width, height, data } = decode(Buffer.from(base64, 'base64'));
    expect([width, height]).toEqual([40, 35]);
    expect(new Set(data)).toEqual(new Set([99]));
  });

  it('marks what is worse than the better baseline, and what a wider box loses too much', () => {
    expect(page).toContain('<td class="bad">0.500</td>');
    expect(page).toContain('<td class="best">0.400</td>');
    expect(page).toContain('<td class="bad">0.400</td>');
  });

  it('shows names of a folder as they are, not as markup', () => {
    const hostile = pageOf([scored('<img src=x onerror=alert(1)>', 1)]);
    expect(hostile).not.toContain('<img');
    expect(hostile).toContain('&lt;img src=x onerror=alert(1)&gt;');
  });
});

describe('outlinePath', () => {
  it('runs around the pixels, straight sides as one stroke, holes too', () => {
    const mask = new Uint8Array(25);
    for (const at of [6, 7, 8, 11, 13, 16, 17, 18]) mask[at] = 1;
    const strokes = outlinePath(mask, 5, [0, 0, 4, 4]).split(/(?=M)/).sort();
    expect(strokes).toEqual(['M1 1h3', 'M1 4h3', 'M1 1v3', 'M4 1v3', 'M2 2h1', 'M2 3h1', 'M2 2v1', 'M3 2v1'].sort());
  });

  it('closes at the edge of the part', () => {
    expect(outlinePath(new Uint8Array(4).fill(1), 2, [0, 0, 1, 1])).toBe('M0 0h2M0 2h2M0 0v2M2 0v2');
  });
});
