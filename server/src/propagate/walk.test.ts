import { rm } from 'node:fs/promises';
import { dice, planeKeyOf } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memorySliceStore } from '../adapters/memory/sliceStore.ts';
import { makeModelFolder } from '../adapters/onnx/fixtures/modelFolder.ts';
import { openSmallEngine } from '../adapters/onnx/fixtures/openSmallEngine.ts';
import type { BoxRequest, InferenceEngine } from '../ports/inferenceEngine.ts';
import {
  beginIn,
  collect,
  headersAt,
  indexOf,
  planesAlong,
  planesOf,
  truth,
  type Options,
} from './fixtures/ellipsoid.ts';
import { shapeBetween } from './shapeBetween.ts';

let modelsFolder: string;
let engine: InferenceEngine;
beforeAll(async () => {
  modelsFolder = await makeModelFolder('bright');
  engine = await openSmallEngine(modelsFolder);
});
afterAll(async () => {
  await engine.close();
  await rm(modelsFolder, { recursive: true });
});

const begin = (options?: Options, signal?: AbortSignal) =>
  beginIn(memorySliceStore(10_000_000), engine, options, signal);

describe('a bad plane', () => {
  it('is jumped when it is alone, and gets the shape between its neighbours', async () => {
    const { found, end } = await collect(begin({ dark: [21] }));
    expect(end.forward).toBe('object-ended');
    expect(Math.max(...planesOf(found))).toBeGreaterThan(24);
    const bridged = found.find(({ plane }) => indexOf('k', plane) === 21);
    expect(dice(bridged?.runs ?? [], truth('k', 21).runs)).toBeGreaterThan(0.9);
    expect(found.flatMap(({ doubt }) => doubt ?? [])).toEqual(['bridged']);
    expect(bridged?.doubt).toBe('bridged');
  });

  it('ends it with another one behind it', async () => {
    const { found, end } = await collect(begin({ dark: [21, 22] }));
    expect(end.forward).toBe('object-ended');
    expect(Math.max(...planesOf(found))).toBe(20);
  });
});

describe('a plane that a person prompted or corrected', () => {
  it('is kept, and where nothing was propagated yet, it goes on beyond it', async () => {
    const { found, end } = await collect(begin({ anchors: { 23: true } }));
    expect(end).toEqual({ forward: 'object-ended', backward: 'object-ended' });
    expect(planesOf(found)).not.toContain(23);
    expect(planesOf(found)).toEqual(expect.arrayContaining([19, 20, 21, 22, 24, 25]));
  });

  it('ends it where the planes beyond are done: only what lies between is done again', async () => {
    const { found, end } = await collect(begin({ anchors: { 14: true, 23: true }, isDone: true }));
    expect(end).toEqual({ forward: 'anchor', backward: 'anchor' });
    expect(planesOf(found)).toEqual([15, 16, 17, 19, 20, 21, 22]);
  });

  it('does not count where another object of the segment was marked', async () => {
    const { found, end } = await collect(begin({ anchors: { 21: 'elsewhere' } }));
    expect(end.forward).toBe('object-ended');
    expect(planesOf(found)).toEqual(expect.arrayContaining([20, 21, 22]));
  });

  it('ends it where the person left no mask', async () => {
    const { found, end } = await collect(begin({ anchors: { 21: false } }));
    expect(end.forward).toBe('anchor');
    expect(Math.max(...planesOf(found))).toBe(20);
  });

  it('does not make it fill a gap between two parts', async () => {
    const { found, end } = await collect(begin({ anchors: { 25: true }, isDone: true, dark: [21, 22, 23] }));
    expect(end.forward).toBe('anchor');
    expect(planesOf(found).filter((n) => n > 18)).toEqual([19, 20, 24]);
  });
});

describe('the plane before', () => {
  /** The engine itself, and what it was asked, by number along k of the plane. */
  async function asked(options: Options) {
    const requests = new Map<number, BoxRequest>();
    const numbers = planesAlong('k').map(planeKeyOf);
    const listening = Object.create(engine, {
      hasMemory: { value: (id: string) => engine.hasMemory(id) },
      hasLearnedScore: { value: (id: string) => engine.hasLearnedScore(id) },
      segment: {
        value: (request: BoxRequest) => {
          requests.set(numberIn(request.image.key, numbers), request);
          return engine.segment(request);
        },
      },
    }) as InferenceEngine;
    const { found } = await collect(beginIn(memorySliceStore(10_000_000), listening, options));
    return { requests, found };
  }
  const numberIn = (key: string, numbers: readonly string[]) => numbers.findIndex((name) => key.includes(name));

  it("is shown to the model with its mask, the person's own first", async () => {
    const { requests, found } = await asked({ reach: 3 });
    const numbers = planesAlong('k').map(planeKeyOf);
    for (const n of planesOf(found)) {
      const before = n > 18 ? n - 1 : n + 1;
      const mask = before === 18 ? truth('k', 18).runs : found.find((f) => indexOf('k', f.plane) === before)?.runs;
      expect(numberIn(requests.get(n)?.beside?.image.key ?? '', numbers)).toBe(before);
      expect(requests.get(n)?.beside?.mask).toEqual(mask);
      expect(requests.get(n)?.corrections).toBeUndefined();
    }
  });

  it('is not, between two that a person vouches for: there the shape between is', async () => {
    const { requests } = await asked({ direction: 'forward', anchors: { 22: true }, isDone: true });
    expect([...requests.keys()].sort((a, b) => a - b)).toEqual([19, 20, 21]);
    for (const n of [19, 20, 21]) {
      expect(requests.get(n)?.beside).toBeUndefined();
      expect(dice(requests.get(n)?.corrections?.mask ?? [], truth('k', n).runs)).toBeGreaterThan(0.9);
    }
  });

  it('is weighed by how far it lies from both, where slices are missing', async () => {
    // Planes are 1 mm apart, but for 9 mm behind the first.
    const headers = headersAt((n) => n + (n > 18 ? 8 : 0));
    const { requests } = await asked({ direction: 'forward', anchors: { 22: true }, isDone: true, headers });
    const [a, b] = [truth('k', 18), truth('k', 22)];
    expect(requests.get(19)?.corrections?.mask).toEqual(shapeBetween(a.runs, b.runs, 9 / 12, a));
  });
});
