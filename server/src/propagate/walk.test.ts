import { rm } from 'node:fs/promises';
import {
  AppError,
  countPixels,
  dice,
  encodeRuns,
  intersect,
  planeKeyOf,
  subtract,
  type Plane,
  type Runs,
} from '@ohif-medsam/protocol';
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
import type { Decisions } from './walk.ts';

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

describe('an engine that has no room', () => {
  const asked = (segment: InferenceEngine['segment'], signal?: AbortSignal) => {
    const busy: InferenceEngine = Object.assign(Object.create(engine) as InferenceEngine, {
      segment,
      hasMemory: () => false,
      hasLearnedScore: () => false,
    });
    return collect(beginIn(memorySliceStore(10_000_000), busy, { reach: 2, direction: 'forward' }, signal));
  };

  it('is asked again', async () => {
    let refusals = 2;
    const { found, end } = await asked(async (request) => {
      if (refusals-- > 0) throw new AppError('engine-busy');
      return engine.segment(request);
    });
    expect(planesOf(found)).toEqual([19, 20]);
    expect(end.forward).toBe('reach');
  });

  it('keeps nobody from ending it', async () => {
    const { found, end } = await asked(() => Promise.reject(new AppError('engine-busy')), AbortSignal.timeout(50));
    expect(found).toEqual([]);
    expect(end.forward).toBe('cancelled');
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

  it('counts where the object has gone sideways since, and they do not lie over its first mask any more', async () => {
    // Of the left half, each plane shows a column more.
    const half = encodeRuns(truth('k', 18).mask.map((one, at) => (at % 70 <= 35 ? one : 0)));
    const strip = encodeRuns(truth('k', 24).mask.map((one, at) => (at % 70 > 36 && at % 70 < 41 ? one : 0)));
    const options = { direction: 'forward', mask: half, anchors: { 24: strip }, isDone: true } as const;
    const { found, end } = await collect(begin(options));
    expect(end.forward).toBe('anchor');
    expect(planesOf(found)).toEqual([19, 20, 21, 22, 23]);
  });

  it('counts from when it was decided, while masks are on their way to it', async () => {
    const anchors: Record<number, boolean> = {};
    const running = begin({ direction: 'forward', anchors });
    const { found, end } = await collect(running, () => (anchors[24] = true));
    expect(end.forward).toBe('object-ended');
    expect(planesOf(found)).not.toContain(24);
    expect(planesOf(found)).toEqual(expect.arrayContaining([22, 23, 25]));
  });

  it('leads to it alone, where another object of the segment has masks beyond', async () => {
    const beyond: Runs = [0, 3];
    const anchors = { 22: true, 23: beyond, 24: 'elsewhere' } as const;
    const { found, end } = await collect(begin({ direction: 'forward', anchors }));
    expect(end.forward).toBe('object-ended');
    expect(planesOf(found)).toEqual(expect.arrayContaining([21, 23, 24, 25]));
  });

  it('does not make it fill a gap between two parts', async () => {
    const { found, end } = await collect(begin({ anchors: { 25: true }, isDone: true, dark: [21, 22, 23] }));
    expect(end.forward).toBe('anchor');
    expect(planesOf(found).filter((n) => n > 18)).toEqual([19, 20, 24]);
  });
});

describe('a plane that is corrected while the propagation rests', () => {
  const rested = async (decisions: Partial<Decisions>) => {
    const numberOf = (plane: Plane) => indexOf('k', plane);
    let decided: Decisions = NOTHING;
    let resume = () => {};
    let rest: Promise<void> | undefined;
    const running = begin({
      direction: 'forward',
      decisionsOn: (plane) => (numberOf(plane) === 20 ? decided : NOTHING),
      untilResumed: async () => rest,
    });
    return collect(running, ({ plane }) => {
      // What is on its way still comes: the plane after this one.
      if (numberOf(plane) === 19) rest = new Promise((done) => (resume = done));
      if (numberOf(plane) === 20) {
        decided = { ...NOTHING, ...decisions };
        resume();
      }
    });
  };
  const NOTHING: Decisions = { boxes: [], added: [], erased: [] };
  const right = encodeRuns(truth('k', 20).mask.map((one, at) => (at % 70 > 35 ? one : 0)));

  it('is carried on as it is then', async () => {
    const { found } = await rested({ erased: right });
    const on = (n: number) => found.find(({ plane }) => indexOf('k', plane) === n)?.runs ?? [];
    expect(intersect(on(20), right).length).toBeGreaterThan(0);
    expect(countPixels(intersect(on(21), right))).toBeLessThan(countPixels(right) / 2);
    expect(countPixels(on(21))).toBeGreaterThan(100);
  });

  it('is carried on as the box shows it that was drawn there, and not one of another object', async () => {
    const left = subtract(truth('k', 20).runs, right);
    const { found } = await rested({ boxes: [left, [0, 3]] });
    const next = found.find(({ plane }) => indexOf('k', plane) === 21)?.runs ?? [];
    expect(countPixels(intersect(next, right))).toBeLessThan(countPixels(right) / 2);
    expect(countPixels(next)).toBeGreaterThan(100);
    expect(intersect(next, [0, 3])).toEqual([]);
  });

  it('is the last one if nothing is left there', async () => {
    const { found, end } = await rested({ erased: truth('k', 18).runs });
    expect([planesOf(found), end.forward]).toEqual([[19, 20], 'anchor']);
  });

  it('is carried on as before if another object was painted there', async () => {
    const { found, end } = await rested({ added: [0, 3] });
    expect(end.forward).toBe('object-ended');
    expect(
      dice(found.find(({ plane }) => indexOf('k', plane) === 21)?.runs ?? [], truth('k', 21).runs),
    ).toBeGreaterThan(0.95);
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
