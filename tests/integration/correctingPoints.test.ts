import { createHash, randomUUID } from 'node:crypto';
import {
  boxOfRuns,
  dice,
  encodeRuns,
  intersect,
  type Box,
  type Points,
  type Request,
  type Runs,
} from '@ohif-medsam/protocol';
import { PHANTOM_LABELS } from '@ohif-medsam/server/demo/labels';
import { phantomSlice } from '@ohif-medsam/server/demo/phantomSlice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { correctingClick } from '../../server/src/evaluate/correctingClick.ts';
import { LESION } from '../support/lesion.ts';
import { Page } from '../support/page.ts';
import { startServer, type RunningServer } from '../support/runningServer.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

const seriesUid = '1.2.826.0.1.3680043.10.7';
const frame = `${seriesUid}.1/1`;
const plane = { axis: 'k', frame } as const;
const [columns, rows] = [512, 512];
/** Through the middle of kidneys and stomach. */
const { hu, labels } = phantomSlice(30);
const pixels = new Uint8Array(Int16Array.from(hu).buffer);
const hash = createHash('sha256').update(pixels).digest('hex');
const truthOf = (name: keyof typeof PHANTOM_LABELS) =>
  encodeRuns(labels.map((label) => Number(label === PHANTOM_LABELS[name])));
/** A box so far from the object that the mask spills. */
function tooLarge(truth: Runs): Box {
  const [x0, y0, x1, y1] = boxOfRuns(truth, columns)!;
  const [x, y] = [Math.round((x1 - x0 + 1) * 0.35), Math.round((y1 - y0 + 1) * 0.35)];
  return [x0 - x, y0 - y, x1 + x, y1 + y];
}

let server: RunningServer;
let page: Page;
beforeAll(async () => {
  server = await startServer();
  page = await Page.open(server.url);
  const image = { sopInstanceUid: `${seriesUid}.1`, sopClassUid: '1.2.840.10008.5.1.4.1.1.2', frameNumber: 1 };
  const frames = [{ ...image, rows, columns }];
  const opened = await page.openSeries({ studyUid: '1.2.9', seriesUid, modality: 'CT', bodyPart: 'ABDOMEN', frames });
  expect(opened.models[0]?.takesPoints).toBe(true);
  await page.get('slice:put', { seriesUid, plane, hash, columns, rows, components: 1, type: 'int16', pixels });
});
afterAll(async () => {
  page.close();
  await server.close();
});

const newSegment = async (series = seriesUid) => {
  const segmentId = randomUUID();
  const operation = { kind: 'segment:add', segmentId, ...LESION } as const;
  await page.get('document:apply', { seriesUid: series, operationId: randomUUID(), operation });
  return segmentId;
};
const undo = (series = seriesUid) => page.get('document:undo', { seriesUid: series, operationId: randomUUID() });

/** A new box around a structure, in a segment of its own. */
async function boxed(box: Box) {
  const segmentId = await newSegment();
  const shown = { seriesUid, promptId: randomUUID(), plane, sliceHash: hash, window: { kind: 'auto' } as const };
  const of = { ...shown, segmentId };
  const ask = (points?: Points) => page.get('prompt:segment', { ...of, box, ...(points && { points }) });
  const mask = () => page.masks.get(`${segmentId}/${frame}`) ?? [];
  const prompts = () => page.last?.prompts.filter((prompt) => prompt.segmentId === segmentId);
  // As it was shown while it was drawn: that mask is not the answer to a click.
  await page.get('prompt:preview', { ...shown, box });
  await ask();
  return { ask, mask, prompts, of };
}

const covers = (mask: readonly number[], [x, y]: readonly [number, number]) =>
  intersect(mask, [y * columns + x, 1]).length > 0;

describe('a click on the mask of a box', () => {
  it('beside the object takes away what was spilt there, and is one step of undo', async () => {
    const truth = truthOf('kidneyRight');
    const { ask, mask, prompts } = await boxed(tooLarge(truth));
    const before = mask();
    const { inside, outside } = correctingClick(before, truth, { columns, rows })!;
    expect([inside, outside]).toEqual([[], [expect.anything()]]);
    expect(await ask({ inside, outside })).toMatchObject({ missedPoints: 0 });
    expect(covers(before, outside[0]!)).toBe(true);
    expect(covers(mask(), outside[0]!)).toBe(false);
    expect(dice(mask(), truth)).toBeGreaterThan(dice(before, truth) + 0.05);
    expect(prompts()).toMatchObject([{ points: { inside, outside } }]);

    await undo();
    expect(mask()).toEqual(before);
    expect(prompts()).toHaveLength(1);
    expect(prompts()?.[0]).not.toHaveProperty('points');
  });

  it('on the object adds what was missed there; the next one keeps it', async () => {
    const truth = truthOf('stomach');
    const [x0, y0, x1, y1] = boxOfRuns(truth, columns)!;
    const aside = Math.round((x1 - x0) * 0.3);
    const { ask, mask } = await boxed([x0 + aside, y0, x1 + aside, y1]);
    const before = mask();
    const first = correctingClick(before, truth, { columns, rows })!.inside;
    expect(covers(before, first[0]!)).toBe(false);
    expect(await ask({ inside: first, outside: [] })).toMatchObject({ missedPoints: 0 });
    const better = mask();
    expect(covers(better, first[0]!)).toBe(true);
    expect(dice(better, truth)).toBeGreaterThan(dice(before, truth) + 0.03);

    const second = correctingClick(better, truth, { columns, rows })!;
    const both = { inside: [...first, ...second.inside], outside: second.outside };
    expect(await ask(both)).toMatchObject({ missedPoints: 0 });
    expect(dice(mask(), truth)).toBeGreaterThan(dice(better, truth));
  });

  it('starts from the mask that stands under the box, whatever was painted there', async () => {
    const truth = truthOf('kidneyRight');
    const points = { inside: [], outside: [[216, 324] as const] };
    const box = tooLarge(truth);
    const [clicked, other] = [await boxed(box), await boxed(box)];
    await clicked.ask(points);
    const edits = [{ segmentId: other.of.segmentId, frame, add: [0, 40], remove: [] }];
    const painted = { seriesUid, operationId: randomUUID(), operation: { kind: 'mask:edit', edits } } as const;
    await page.get('document:apply', painted);
    await other.ask(points);
    expect(other.mask()).toEqual([0, 40, ...clicked.mask()]);
    // As the first answer to a box, which corrects nothing.
    const { pixels: without } = await page.get('prompt:segment', { ...other.of, promptId: randomUUID(), box, points });
    expect(without).not.toBe(clicked.mask().reduce((sum, n, at) => sum + (at % 2) * n, 0));
  });

  it('that the model does not follow is told, as one beyond all that it looks at', async () => {
    const { ask, mask } = await boxed(tooLarge(truthOf('kidneyRight')));
    expect(await ask({ inside: [[500, 20]], outside: [[20, 500]] })).toMatchObject({ missedPoints: 1 });
    expect(covers(mask(), [500, 20])).toBe(false);
  });

  it('is refused outside of the image, and changes nothing', async () => {
    const { mask, of, prompts } = await boxed(boxOfRuns(truthOf('aorta'), columns)!);
    const before = mask();
    const box = prompts()![0]!.box;
    const points = { inside: [[3, 512]], outside: [] };
    expect(await page.refusal('prompt:segment', { ...of, box, points })).toMatchObject({
      code: 'points-invalid',
      detail: '[3, 512] lies outside the image of 512 x 512.',
    });
    expect([mask(), prompts()]).toMatchObject([before, [{ box }]]);
  });

  it('corrects a box across the slices as well', async () => {
    const series = new SyntheticSeries(31);
    await page.openSeries(series.opening);
    const { plane: across, hash: sliceHash, ...put } = series.putColumn(50);
    await page.get('slice:put', { ...put, plane: across, hash: sliceHash });
    const segmentId = await newSegment(series.seriesUid);
    const of = { seriesUid: series.seriesUid, promptId: randomUUID(), segmentId, plane: across, sliceHash };
    const request: Request<'prompt:segment'> = { ...of, box: [22, 3, 54, 17], window: { kind: 'auto' } };
    /** Whether the document has the pixel of the plane: its columns are j, its rows k. */
    const has = ([j, k]: readonly [number, number]) =>
      intersect(page.masks.get(`${segmentId}/${series.frame(k)}`) ?? [], [j * series.columns + 50, 1]).length > 0;
    await page.get('prompt:segment', request);
    const before = new Map(page.masks);
    const atItsEnd = [38, 16] as const;
    expect(has(atItsEnd)).toBe(true);
    const answer = await page.get('prompt:segment', { ...request, points: { inside: [], outside: [atItsEnd] } });
    expect([answer.missedPoints, has(atItsEnd)]).toEqual([0, false]);
    await undo(series.seriesUid);
    expect(page.masks).toEqual(before);
  });
});
