import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { countPixels, intersect, planeKeyOf, type Plane } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { memorySliceStore } from '../adapters/memory/sliceStore.ts';
import { makeModelFolder } from '../adapters/onnx/fixtures/modelFolder.ts';
import { openSmallEngine } from '../adapters/onnx/fixtures/openSmallEngine.ts';
import type { InferenceEngine } from '../ports/inferenceEngine.ts';
import type { SliceStore } from '../ports/sliceStore.ts';
import {
  axisOf,
  beginIn,
  centre,
  collect,
  halfAxes,
  headersAt,
  indexOf,
  never,
  planesAlong,
  put,
  seriesUid,
  truth,
  type Options,
} from './fixtures/ellipsoid.ts';
import { propagate } from './propagate.ts';

let modelsFolder: string;
let engine: InferenceEngine;
beforeAll(async () => {
  modelsFolder = await makeModelFolder('bright', 'slow');
  engine = await openSmallEngine(modelsFolder);
});
afterAll(async () => {
  await engine.close();
  await rm(modelsFolder, { recursive: true });
});

const begin = (options?: Options, signal?: AbortSignal) =>
  beginIn(memorySliceStore(10_000_000), engine, options, signal);

describe.each(['i', 'j', 'k'] as const)('along axis %s', (axis) => {
  it('finds the ellipsoid plane by plane, and stops by itself at both of its ends', async () => {
    const { found, end } = await collect(begin({ axis }));
    expect(end).toEqual({ forward: 'object-ended', backward: 'object-ended' });
    let [shared, foundPixels, truePixels] = [0, 0, 0];
    for (const { plane, runs } of found) {
      const { runs: expected } = truth(axis, indexOf(axis, plane));
      shared += countPixels(intersect(runs, expected));
      foundPixels += countPixels(runs);
      truePixels += countPixels(expected);
      expect(countPixels(expected)).toBeGreaterThan(0);
    }
    expect((2 * shared) / (foundPixels + truePixels)).toBeGreaterThan(0.9);
    // All but the outermost planes, of a few pixels, and the one it started from.
    expect(found.length).toBeGreaterThanOrEqual(2 * halfAxes[axisOf(axis)] - 4);
  });

  it('yields the neighbours of the prompt first, both ways in turn', async () => {
    const { found } = await collect(begin({ axis }));
    const distances = found.map(({ plane }) => Math.abs(indexOf(axis, plane) - centre[axisOf(axis)]));
    distances.forEach((distance, n) => expect(distance).toBeLessThanOrEqual(Math.floor(n / 2) + 3));
    expect(new Set(found.map(({ plane }) => planeKeyOf(plane))).size).toBe(found.length);
  });
});

describe('it ends', () => {
  it('after as many planes as were asked for', async () => {
    const running = begin({ reach: 3 });
    expect(running.total).toBe(6);
    const { found, end } = await collect(running);
    expect(end).toEqual({ forward: 'reach', backward: 'reach' });
    expect(found.map(({ plane }) => indexOf('k', plane)).sort((a, b) => a - b)).toEqual([15, 16, 17, 19, 20, 21]);
  });

  it('before the first plane that lies farther away than was asked for, each way by its own distances', async () => {
    // A gap of 9 mm behind plane 16; elsewhere 3 mm.
    const headers = headersAt((n) => n * 3 + (n > 16 ? 6 : 0));
    const { found, end } = await collect(begin({ reachMm: 12, headers }));
    expect(end).toEqual({ forward: 'reach', backward: 'reach' });
    expect(found.map(({ plane }) => indexOf('k', plane)).sort((a, b) => a - b)).toEqual([16, 17, 19, 20, 21, 22]);
    const nearer = await collect(begin({ reachMm: 12, reach: 1, headers }));
    expect(nearer.found.map(({ plane }) => indexOf('k', plane)).sort((a, b) => a - b)).toEqual([17, 19]);
    expect(() => begin({ reachMm: 12 })).toThrow(expect.objectContaining({ code: 'input-invalid' }));
  });

  it.each(['forward', 'backward'] as const)('goes %s only if that was asked for', async (direction) => {
    const { found, end } = await collect(begin({ direction }));
    const sign = direction === 'forward' ? 1 : -1;
    expect(found.every(({ plane }) => (indexOf('k', plane) - centre[2]) * sign > 0)).toBe(true);
    expect(end[direction === 'forward' ? 'backward' : 'forward']).toBeNull();
  });

  it('at the last plane of a series that ends within the object', async () => {
    const running = begin({ frames: 23 });
    expect(running.total).toBe(22);
    const { found, end } = await collect(running);
    expect(end).toEqual({ forward: 'series-end', backward: 'object-ended' });
    expect(found.map(({ plane }) => indexOf('k', plane))).toContain(22);
  });

  it('where a slice never arrives, and goes on the other way', async () => {
    const { found, end } = await collect(begin({ here: (n) => n !== 21 }));
    expect(end).toEqual({ forward: 'slice-missing', backward: 'object-ended' });
    expect(Math.max(...found.map(({ plane }) => indexOf('k', plane)))).toBe(20);
  });

  it('where the series has grown meanwhile, and a plane across its slices with it', async () => {
    const facts = { slope: 1, intercept: 0, invert: false, components: 1 } as const;
    const grown = { columns: 60, rows: 41, pixels: new Uint8Array(60 * 41), ...facts };
    const { found, end } = await collect(
      begin({
        axis: 'i',
        here: (n) => n !== 38,
        onWanted: (slices, [plane]) => plane && slices.put({ seriesUid, plane, hash: 'grown', ...grown }),
      }),
    );
    expect(end).toMatchObject({ forward: 'failed', backward: 'object-ended', error: { code: 'series-grown' } });
    expect(Math.max(...found.map(({ plane }) => indexOf('i', plane)))).toBe(37);
  });

  it('at once when cancelled, keeping what was found', async () => {
    const controller = new AbortController();
    const { found, end } = await collect(begin({ modelId: 'slow' }, controller.signal), () => controller.abort());
    expect(end).toEqual({ forward: 'cancelled', backward: 'cancelled' });
    expect(found.length).toBeLessThanOrEqual(2);
    expect(engine.health()[0]?.queued).toBe(0);
  });

  it('when its consumer leaves', async () => {
    for await (const { plane } of begin({ modelId: 'slow' }).planes) {
      expect(plane).toBeDefined();
      break;
    }
    expect(engine.health()[0]?.queued).toBe(0);
  });

  it('one way when the inference process dies on it, and the next one too; and goes on the other way', async () => {
    const running = begin({ modelId: 'slow', reach: 3 });
    await running.planes.next();
    for (const restarts of [0, 1]) {
      await vi.waitFor(() => expect(engine.health()).toMatchObject([{ state: 'ready', restarts }]), 20_000);
      await sleep(50);
      process.kill(engine.health()[0]?.pid ?? -1, 'SIGKILL');
    }
    const { end } = await collect(running);
    expect([end.forward, end.backward].sort()).toEqual(['failed', 'reach']);
    expect(end.error).toMatchObject({ code: 'engine-failed' });
  });
});

describe('slices that are not here', () => {
  it('are asked for again where they do not come: a push may be lost with a connection', async () => {
    const asked = new Map<number, number>();
    const { end } = await collect(
      begin({
        here: (n) => n !== 21,
        sliceTimeoutMs: 10_000,
        onWanted: (slices, planes) => {
          for (const n of planes.map((plane) => indexOf('k', plane))) {
            asked.set(n, (asked.get(n) ?? 0) + 1);
            if (asked.get(n) === 2) put(slices, 'k', n);
          }
        },
      }),
    );
    expect(end).toEqual({ forward: 'object-ended', backward: 'object-ended' });
    expect([...asked]).toEqual([[21, 2]]);
  });

  it('are asked for ahead, nearest first, once each, and waited for', async () => {
    const asked: number[] = [];
    const { found, end } = await collect(
      begin({
        here: (n) => n === centre[2],
        sliceTimeoutMs: 5_000,
        onWanted: (slices, planes) => {
          const wanted = planes.map((plane) => indexOf('k', plane));
          asked.push(...wanted);
          setTimeout(() => wanted.forEach((n) => put(slices, 'k', n)), 5);
        },
      }),
    );
    expect(end).toEqual({ forward: 'object-ended', backward: 'object-ended' });
    expect(found.length).toBeGreaterThan(15);
    expect(new Set(asked).size).toBe(asked.length);
    for (const ahead of [asked.filter((n) => n > centre[2]), asked.filter((n) => n < centre[2]).map((n) => -n)])
      expect(ahead).toEqual([...ahead].sort((a, b) => a - b));
  });

  it('are not asked for beyond the reach', async () => {
    const asked: number[] = [];
    const onWanted = (_: SliceStore, planes: readonly Plane[]) =>
      void asked.push(...planes.map((plane) => indexOf('k', plane)));
    await collect(begin({ here: (n) => n === centre[2], reach: 2, onWanted }));
    expect(asked.sort((a, b) => a - b)).toEqual([16, 17, 19, 20]);
  });
});

describe('it does not begin', () => {
  const slices = memorySliceStore(1_000_000);
  const start = {
    seriesUid,
    propagationId: randomUUID(),
    segmentId: randomUUID(),
    plane: { axis: 'k', frame: '1.2.3.0/1' },
    sliceHash: 'a'.repeat(64),
    direction: 'both',
    window: { kind: 'auto' },
  } as const;
  const attempt = (mask: readonly number[]) => () =>
    propagate({ slices, engine, sliceTimeoutMs: 50 })(
      { start, series: { modality: 'MR' }, planes: planesAlong('k'), mask, onWanted: () => undefined },
      never,
    );

  it('without a mask, and so never runs over a series on an empty one', () => {
    expect(attempt([])).toThrow(expect.objectContaining({ code: 'propagation-empty' }));
  });
  it('without the slice that it starts from', () => {
    expect(attempt([3, 4])).toThrow(expect.objectContaining({ code: 'slice-missing' }));
  });
});
