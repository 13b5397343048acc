import { randomUUID } from 'node:crypto';
import { countPixels, dice } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LESION } from '../support/lesion.ts';
import { Page } from '../support/page.ts';
import { startServer, type RunningServer } from '../support/runningServer.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

let server: RunningServer;
let page: Page;
beforeAll(async () => {
  server = await startServer();
  page = await Page.open(server.url);
});
afterAll(async () => {
  page.close();
  await server.close();
});

describe('a box becomes a mask', () => {
  const series = new SyntheticSeries(1);
  const segmentId = randomUUID();
  const seriesUid = series.seriesUid;
  const box = [28, 22, 72, 54] as const;

  it('in the document of everybody who has the series open', async () => {
    const opened = await page.openSeries(series.opening);
    expect(opened.frames).toHaveLength(series.frames.length);
    expect(opened.models[0]?.device).toBe('CPU, int8');
    const slice = series.put(10);
    const have = { seriesUid, slices: [{ plane: slice.plane, hash: slice.hash }] };
    expect(await page.get('slice:have', have)).toEqual({ missing: [0] });
    await page.get('slice:put', slice);
    expect(await page.get('slice:have', have)).toEqual({ missing: [] });
    const operation = { kind: 'segment:add', segmentId, ...LESION } as const;
    await page.get('document:apply', { seriesUid, operationId: randomUUID(), operation });

    const prompt = { seriesUid, promptId: randomUUID(), segmentId, plane: slice.plane, sliceHash: slice.hash, box };
    const answer = await page.get('prompt:segment', { ...prompt, window: { kind: 'auto' } });

    expect(answer.window).toEqual({ center: 40, width: 400, label: 'Abdomen' });
    const runs = page.masks.get(`${segmentId}/${series.frame(10)}`) ?? [];
    expect(countPixels(runs)).toBe(answer.pixels);
    expect(dice(runs, series.truth(10))).toBeGreaterThan(0.9);
    expect(page.last?.prompts).toEqual([expect.objectContaining({ box, author: page.participantId })]);
    expect(page.last?.segments[0]?.algorithm).toMatchObject({ type: 'SEMIAUTOMATIC', name: 'Embedded box model' });
  });

  it('of which a preview shows what it would be, and keeps nothing', async () => {
    const before = page.last?.revision;
    const slice = series.put(10);
    const preview = { seriesUid, promptId: randomUUID(), plane: slice.plane, sliceHash: slice.hash, box };
    const { runs, columns } = await page.get('prompt:preview', { ...preview, window: { kind: 'auto' } });
    expect(columns).toBe(slice.columns);
    expect(runs).toEqual(page.masks.get(`${segmentId}/${series.frame(10)}`));
    expect(page.last?.revision).toBe(before);
    expect(
      await page.refusal('prompt:preview', { ...preview, sliceHash: 'f'.repeat(64), window: { kind: 'auto' } }),
    ).toMatchObject({
      code: 'slice-missing',
    });
  });

  it('and counts among what was served', async () => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    for (const name of ['queue', 'run'])
      expect(metrics).toMatch(new RegExp(`^medsam_engine_${name}_seconds_count\\{priority="prompt"\\} [1-9]`, 'm'));
  });

  it('and of a box that is dragged quickly only the newest preview counts', async () => {
    const slice = series.put(10);
    const preview = { seriesUid, promptId: randomUUID(), plane: slice.plane, sliceHash: slice.hash };
    const moved = [60, 64, 68, 72].map((x) =>
      page.ask('prompt:preview', { ...preview, box: [28, 22, x, 54], window: { kind: 'auto' } }),
    );
    const answers = await Promise.all(moved);
    expect(answers.at(-1)).toMatchObject({ ok: true });
    const superseded = answers.filter((answer) => !answer.ok && answer.error.code === 'superseded');
    expect(superseded.length).toBeGreaterThan(0);
  });

  it('and let go as it was shown, the box keeps that mask, for which the model need not work again', async () => {
    const runs = async () =>
      Number(
        /^medsam_engine_run_seconds_count\{priority="prompt"\} (\d+)/m.exec(
          await (await fetch(`${server.url}/metrics`)).text(),
        )?.[1],
      );
    const slice = series.put(10);
    const shown = {
      seriesUid,
      promptId: randomUUID(),
      plane: slice.plane,
      sliceHash: slice.hash,
      box: [30, 24, 70, 52] as const,
      window: { kind: 'auto' } as const,
    };
    const preview = await page.get('prompt:preview', shown);
    const before = await runs();
    const { pixels } = await page.get('prompt:segment', { ...shown, segmentId });
    expect(pixels).toBe(countPixels(preview.runs));
    expect(await runs()).toBe(before);
    await page.get('prompt:segment', { ...shown, segmentId, box: [30, 24, 60, 52] });
    expect(await runs()).toBe(before + 1);
    for (let step = 0; step < 2; step++) await page.get('document:undo', { seriesUid, operationId: randomUUID() });
  });

  it('and the same prompt again replaces it, undo brings it back', async () => {
    const before = new Map(page.masks);
    const slice = series.put(10);
    const promptId = page.last?.prompts[0]?.promptId ?? '';
    const prompt = {
      seriesUid,
      promptId,
      segmentId,
      plane: slice.plane,
      sliceHash: slice.hash,
      window: { kind: 'auto' },
    } as const;
    await page.get('prompt:segment', { ...prompt, box: [28, 22, 50, 54] });
    expect(page.last?.prompts).toHaveLength(1);
    expect(page.masks).not.toEqual(before);
    await page.get('document:undo', { seriesUid, operationId: randomUUID() });
    expect(page.masks).toEqual(before);
  });

  it('and spreads through the volume, stopping where the object ends', async () => {
    for (let k = 0; k < series.frames.length; k++) await page.get('slice:put', series.put(k));
    const slice = series.put(10);
    const ended = page.next('propagation:ended');
    const propagation = {
      seriesUid,
      propagationId: randomUUID(),
      segmentId,
      plane: slice.plane,
      sliceHash: slice.hash,
    };
    await page.get('propagation:start', { ...propagation, direction: 'both', window: { kind: 'auto' } });
    const end = await ended;
    expect(['object-ended', 'object-lost']).toContain(end.forward);
    expect(['object-ended', 'object-lost']).toContain(end.backward);
    const inside = series.frames.filter((_, k) => countPixels(series.truth(k)) > 0).length;
    const found = [...page.masks.keys()].length;
    expect(Math.abs(found - inside)).toBeLessThanOrEqual(4);
    await page.get('document:undo', { seriesUid, operationId: randomUUID() });
    expect([...page.masks.keys()]).toEqual([`${segmentId}/${series.frame(10)}`]);
  });

  it('a sagittal box lands in every frame that it crosses', async () => {
    const plane = { axis: 'i', index: 50 } as const;
    const put = series.putColumn(50);
    await page.get('slice:put', put);
    const prompt = {
      seriesUid,
      promptId: randomUUID(),
      segmentId,
      plane,
      sliceHash: put.hash,
      box: [22, 3, 54, 17] as const,
    };
    const answer = await page.get('prompt:segment', { ...prompt, window: { kind: 'auto' } });
    expect(answer.pixels).toBeGreaterThan(100);
    for (const [key, runs] of page.masks) {
      if (key.endsWith(series.frame(10))) continue;
      for (let n = 0; n < runs.length; n += 2) expect((runs[n] ?? 0) % series.columns).toBe(50);
    }
    expect(page.masks.size).toBeGreaterThan(8);
  });
});
