import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dice, planeKeyOf, type Plane, type PropagationStart, type Runs } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memorySliceStore } from '../adapters/memory/sliceStore.ts';
import { makePublishedFolder, readWalks, sliceImage, type Walked } from '../adapters/onnx/fixtures/publishedModels.ts';
import { openSmallEngine } from '../adapters/onnx/fixtures/openSmallEngine.ts';
import type { InferenceEngine, TrackRequest } from '../ports/inferenceEngine.ts';
import { byMemory } from './byMemory.ts';
import { collect, never } from './fixtures/ellipsoid.ts';
import { propagate } from './propagate.ts';
import { stopReason, type StopRule } from './stopRule.ts';

const { slices: volume, at, walks } = await readWalks();
const [alone, twice] = walks as [Walked, Walked];
const planes: Plane[] = volume.map((_, n) => ({ axis: 'k', frame: `1.2.3.${String(n)}/1` }));
const keys = planes.map(planeKeyOf);
const numberOf = (plane: Plane) => keys.indexOf(planeKeyOf(plane));
const seriesUid = '1.2';

let modelsFolder: string;
let engine: InferenceEngine;
beforeAll(async () => {
  modelsFolder = await makePublishedFolder('medsam2');
  engine = await openSmallEngine(modelsFolder);
});
afterAll(async () => {
  await engine.close();
  await rm(modelsFolder, { recursive: true });
});

interface Options {
  readonly stop?: StopRule;
  readonly anchors?: Walked['anchors'];
  readonly start?: Partial<PropagationStart>;
  readonly signal?: AbortSignal;
  readonly on?: InferenceEngine;
}

function begin({ stop = (change) => stopReason(change), anchors = alone.anchors, start, signal, on }: Options = {}) {
  const slices = memorySliceStore(10_000_000);
  for (const [n, plane] of planes.entries()) {
    const { columns, rows, components, pixels } = sliceImage(volume[n]!);
    const facts = { slope: 1, intercept: 0, invert: false, components };
    slices.put({ seriesUid, plane, hash: `hash ${String(n)}`, columns, rows, pixels, ...facts });
  }
  const masks = new Map<string, Runs>(anchors.map(({ slice, runs }) => [keys[slice]!, runs]));
  return propagate({ slices, engine: on ?? engine, sliceTimeoutMs: 50, stop })(
    {
      start: {
        ...{ seriesUid, propagationId: randomUUID(), segmentId: randomUUID() },
        ...{ plane: planes[at]!, sliceHash: `hash ${String(at)}`, direction: 'both', window: { kind: 'auto' } },
        modelId: 'medsam2',
        ...start,
      },
      // Shown as it is.
      series: { modality: 'OT' },
      planes,
      mask: alone.anchors[0]!.runs,
      isAnchor: (plane) => masks.has(planeKeyOf(plane)),
      maskOn: (plane) => masks.get(planeKeyOf(plane)) ?? [],
      onWanted: () => undefined,
    },
    signal ?? never,
  );
}

describe('a model that remembers', () => {
  it('finds what the Python tracker finds, from the nearest planes outwards', async () => {
    const { found, end } = await collect(begin({ stop: () => undefined }));
    expect(end).toEqual({ forward: 'series-end', backward: 'series-end' });
    const order = found.map(({ plane }) => numberOf(plane));
    expect(order.slice(0, 4).sort()).toEqual([at - 2, at - 1, at + 1, at + 2]);
    for (const { slice, runs, score } of alone.masks) {
      const own = found.find(({ plane }) => numberOf(plane) === slice);
      if (runs.length > 0) expect(dice(own?.runs ?? [], runs)).toBeGreaterThan(0.999);
      else expect(own?.runs).toEqual([]);
      expect(own?.score).toBeCloseTo(score, 3);
    }
  });

  it('ends where it finds the object no more', async () => {
    const { found, end } = await collect(begin({ stop: ({ pixels }) => (pixels < 6 ? 'object-ended' : undefined) }));
    expect(end).toEqual({ forward: 'object-ended', backward: 'object-ended' });
    const isThere = (n: number) => (alone.masks.find(({ slice }) => slice === n)?.runs.length ?? 0) > 0;
    const numbers = found.map(({ plane }) => numberOf(plane)).sort();
    expect(numbers).toEqual([1, 3]);
    expect([0, 1, 3, 4, 5].map(isThere)).toEqual([false, true, true, false, false]);
  });

  it('is shown what a person decided behind and ahead, and what was found behind', async () => {
    const asked: TrackRequest[] = [];
    const listening = Object.create(engine, {
      hasMemory: { value: (id: string) => engine.hasMemory(id) },
      hasLearnedScore: { value: (id: string) => engine.hasLearnedScore(id) },
      track: {
        value: (request: TrackRequest) => {
          asked.push(request);
          return engine.track(request);
        },
      },
    }) as InferenceEngine;
    const start = { direction: 'forward' } as const;
    const { found, end } = await collect(begin({ anchors: twice.anchors, start, on: listening }));
    expect(end.forward).toBe('anchor');
    expect(found.map(({ plane }) => numberOf(plane))).not.toContain(planes.length - 1);
    expect(
      asked.map(({ known }) => known.map(({ isAnchor, apart }) => (isAnchor ? 'person' : 'found') + String(apart))),
    ).toEqual([
      ['person1', 'person-4'],
      ['person2', 'person-3', 'found1'],
      ['person3', 'person-2', 'found2', 'found1'],
      ['person4', 'person-1', 'found3', 'found2', 'found1'],
    ]);
  });

  it('is shown a mask that was corrected in place of the one that it found', async () => {
    const asked: TrackRequest[] = [];
    const track = (request: TrackRequest) => {
      asked.push(request);
      return Promise.resolve({ runs: [0, 3], score: 0.9, queuedMs: 0, inferenceMs: 0 });
    };
    const strategy = byMemory({ track } as unknown as InferenceEngine, { modelId: 'medsam2' }, planes.length);
    const image = sliceImage(volume[0]!);
    const place = (step: number, runs: Runs) => ({ step, runs, image, separation: 1 });
    await strategy.anchor(-1, [0, 5], () => Promise.resolve(image));
    strategy.settle(place(0, [0, 6]));
    strategy.settle(place(1, [0, 7]));
    await strategy.anchor(1, [0, 4], () => Promise.resolve(image));
    await strategy.find({ image, step: 2, previous: place(1, [0, 4]), prompt: [0, 4], isBetween: false }, never);
    expect(asked.map(({ known }) => known.map(({ apart, mask }) => [apart, mask]))).toEqual([
      [
        [3, [0, 5]],
        [1, [0, 4]],
        [2, [0, 6]],
      ],
    ]);
  });

  it('ends at once when it is cancelled', async () => {
    const controller = new AbortController();
    const stop = () => undefined;
    const { found, end } = await collect(begin({ stop, signal: controller.signal }), () => controller.abort());
    expect(end).toEqual({ forward: 'cancelled', backward: 'cancelled' });
    expect(found.length).toBeLessThanOrEqual(2);
  });
});
