import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import {
  countPixels,
  dice,
  encodeRuns,
  intersect,
  planeKeyOf,
  type Plane,
  type PropagationStart,
} from '@ohif-medsam/protocol';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memorySliceStore } from '../adapters/memory/sliceStore.ts';
import { makeModelFolder } from '../adapters/onnx/fixtures/modelFolder.ts';
import { openOnnxEngine } from '../adapters/onnx/onnxEngine.ts';
import type { InferenceEngine } from '../ports/inferenceEngine.ts';
import type { SliceStore } from '../ports/sliceStore.ts';
import { propagate } from './propagate.ts';
import type { PropagatedPlane } from './walk.ts';

/** A bright ellipsoid in a dark volume; half axes and centre differ along i, j and k. */
const size = [70, 60, 40] as const;
const centre = [35, 28, 18] as const;
const halfAxes = [20, 16, 10] as const;
type Axis = 'i' | 'j' | 'k';
const axisOf = (axis: Axis) => (({ i: 0, j: 1, k: 2 }) as const)[axis];

const inside = (point: readonly number[]) =>
  point.reduce((sum, p, n) => sum + ((p - (centre[n] ?? 0)) / (halfAxes[n] ?? 1)) ** 2, 0) <= 1;
const planesAlong = (axis: Axis): Plane[] =>
  Array.from({ length: size[axisOf(axis)] }, (_, n) =>
    axis === 'k' ? { axis, frame: `1.2.3.${String(n)}/1` } : { axis, index: n },
  );
/** Which of a plane's pixels lie in the ellipsoid, row-major. */
function truth(axis: Axis, n: number) {
  const [columns, rows] = { i: [size[1], size[2]], j: [size[0], size[2]], k: [size[0], size[1]] }[axis] as [
    number,
    number,
  ];
  const mask = Uint8Array.from({ length: columns * rows }, (_, at) => {
    const [x, y] = [at % columns, Math.floor(at / columns)];
    return inside({ i: [n, x, y], j: [x, n, y], k: [x, y, n] }[axis]) ? 1 : 0;
  });
  return { columns, rows, mask, runs: encodeRuns(mask) };
}

const seriesUid = '1.2';
const hashOf = (plane: Plane) => planeKeyOf(plane);
function put(slices: SliceStore, axis: Axis, n: number, isDark = false): void {
  const { columns, rows, mask } = truth(axis, n);
  const plane = planesAlong(axis)[n];
  if (!plane) throw new RangeError(String(n));
  const facts = { slope: 1, intercept: 0, invert: false, components: 1 } as const;
  const pixels = mask.map((one) => (one && !isDark ? 230 : 30));
  // The engine keeps images by their hash.
  const hash = hashOf(plane) + (isDark ? ' dark' : '');
  slices.put({ seriesUid, plane, hash, columns, rows, pixels, ...facts });
}

let modelsFolder: string;
let engine: InferenceEngine;
beforeAll(async () => {
  modelsFolder = await makeModelFolder('bright', 'slow');
  engine = await openOnnxEngine({
    modelsFolder,
    providers: ['cpu'],
    threads: 1,
    imageBytes: 1_000_000,
    queueLength: 10,
    runTimeoutMs: 60_000,
    log: pino({ level: 'silent' }),
  });
});
afterAll(async () => {
  await engine.close();
  await rm(modelsFolder, { recursive: true });
});

interface Options extends Partial<PropagationStart> {
  readonly axis?: Axis;
  /** The series has only so many planes. */
  readonly frames?: number;
  /** Planes on which nothing is to be seen. */
  readonly dark?: readonly number[];
  /** Planes that a person prompted or corrected: whether there is a mask, which then is the true one. */
  readonly anchors?: Readonly<Record<number, boolean | 'elsewhere'>>;
  /** Whether planes that are no anchors have a mask already. */
  readonly isDone?: boolean;
  /** Slices that are there from the start; all by default. */
  readonly here?: (n: number) => boolean;
  readonly onWanted?: (slices: SliceStore, planes: readonly Plane[]) => void;
  readonly sliceTimeoutMs?: number;
}
const never = new AbortController().signal;

function begin({ axis = 'k', frames, ...options }: Options = {}, signal = never) {
  const planes = planesAlong(axis).slice(0, frames);
  const at = centre[axisOf(axis)];
  const plane = planes[at];
  if (!plane) throw new RangeError(String(at));
  const slices = memorySliceStore(10_000_000);
  for (const n of planes.keys()) if (options.here?.(n) ?? true) put(slices, axis, n, options.dark?.includes(n));
  const start: PropagationStart = {
    seriesUid,
    propagationId: randomUUID(),
    segmentId: randomUUID(),
    plane,
    sliceHash: hashOf(plane),
    direction: 'both',
    window: { kind: 'level', center: 128, width: 256 },
    modelId: 'bright',
    ...options,
  };
  return propagate({ slices, engine, sliceTimeoutMs: options.sliceTimeoutMs ?? 50 })(
    {
      start,
      series: { modality: 'MR' },
      planes,
      mask: truth(axis, at).runs,
      anchors: new Set(
        Object.keys(options.anchors ?? {})
          .flatMap((n) => planes[Number(n)] ?? [])
          .map(planeKeyOf),
      ),
      maskOn: (p) => {
        const n = indexOf(axis, p);
        const has = options.anchors?.[n] ?? options.isDone ?? false;
        if (has === 'elsewhere') return [0, 3];
        return has ? truth(axis, n).runs : [];
      },
      onWanted: (p) => options.onWanted?.(slices, p),
    },
    signal,
  );
}

async function collect(running: ReturnType<typeof begin>, onPlane?: (found: PropagatedPlane) => void) {
  const found: PropagatedPlane[] = [];
  for (;;) {
    const step = await running.planes.next();
    if (step.done) return { found, end: step.value };
    found.push(step.value);
    onPlane?.(step.value);
  }
}
function indexOf(axis: Axis, plane: Plane): number {
  return planesAlong(axis).map(planeKeyOf).indexOf(planeKeyOf(plane));
}

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

  it('one way when the inference process dies on it, and goes on the other way', async () => {
    const running = begin({ modelId: 'slow' });
    await running.planes.next();
    process.kill(engine.health()[0]?.pid ?? -1, 'SIGKILL');
    const { end } = await collect(running);
    expect([end.forward, end.backward].sort()).toEqual(['failed', 'object-ended']);
    expect(end.error).toMatchObject({ code: 'engine-failed' });
  });
});

const planesOf = (found: readonly PropagatedPlane[]) =>
  found.map(({ plane }) => indexOf('k', plane)).sort((a, b) => a - b);

describe('a bad plane', () => {
  it('is jumped when it is alone, and gets the shape between its neighbours', async () => {
    const { found, end } = await collect(begin({ dark: [21] }));
    expect(end.forward).toBe('object-ended');
    expect(Math.max(...planesOf(found))).toBeGreaterThan(24);
    const bridged = found.find(({ plane }) => indexOf('k', plane) === 21);
    expect(dice(bridged?.runs ?? [], truth('k', 21).runs)).toBeGreaterThan(0.9);
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

describe('slices that are not here', () => {
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
