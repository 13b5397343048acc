import { randomUUID } from 'node:crypto';
import {
  encodeRuns,
  planeKeyOf,
  planeMaskToFrames,
  type Plane,
  type PropagationEnded,
  type Runs,
} from '@ohif-medsam/protocol';
import { beforeEach, expect, it } from 'vitest';
import { keepDocuments, type Documents } from '../segmentation/index.ts';
import { ALICE, CODING, MODEL } from '../segmentation/fixtures/scene.ts';
import { imagesAround, joinSeries } from '../series/openSeries.ts';
import { courseUpTo } from './course.ts';
import type { PropagationEnd, PropagationTask, RunningPropagation } from './propagate.ts';
import { Propagations } from './propagations.ts';
import type { PropagatedPlane } from './walk.ts';

const [COLUMNS, ROWS] = [6, 4];
const SEGMENT = randomUUID();
/** Two rows of each image. */
const OBJECT: Runs = [0, 2 * COLUMNS];

const whole = joinSeries(undefined, {
  ...{ studyUid: '1.2', seriesUid: '1.2.3', modality: 'CT' },
  frames: [...Array(8).keys()].map((k) => ({
    ...{ sopInstanceUid: `1.2.3.${String(k)}`, sopClassUid: '1.2.840.10008.5.1.4.1.1.2', frameNumber: 1 },
    ...{ columns: COLUMNS, rows: ROWS, position: [0, 0, k] as const, orientation: [1, 0, 0, 0, 1, 0] as const },
  })),
});
const series = imagesAround(whole, undefined);
const { seriesUid, frameKeys } = series;
const frame = (k: number) => frameKeys[k] ?? '';
const slice = (k: number): Plane => ({ axis: 'k', frame: frame(k) });

let documents: Documents;
let propagations: Propagations;
/** What the next propagation finds. */
let walk: (task: PropagationTask) => AsyncGenerator<PropagatedPlane, PropagationEnd, undefined>;

beforeEach(async () => {
  const store = {
    load: () => Promise.resolve({ checkpoint: null, entries: [] }),
    append: () => Promise.resolve(),
    checkpoint: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  documents = keepDocuments({ store, clock: { now: () => new Date() }, uuid: randomUUID });
  const propagate = (task: PropagationTask): RunningPropagation => {
    const at = task.planes.map(planeKeyOf).indexOf(planeKeyOf(task.start.plane));
    const ahead = task.planes.slice(at + 1);
    return { total: ahead.length, ways: [ahead, null], planes: walk(task) };
  };
  propagations = new Propagations({
    ...{ documents, propagate, algorithmOf: () => MODEL, isHere: () => true, awayMs: 1000 },
  });
  await documents.open(whole);
});

const apply = (operation: Parameters<Documents['apply']>[3]) =>
  documents.apply(seriesUid, ALICE, randomUUID(), operation);

const draw = (plane: Plane, runs: Runs) => {
  const masks = planeMaskToFrames(plane, runs, frameKeys, series);
  const names = { promptId: randomUUID(), segmentId: SEGMENT, box: [0, 0, 1, 3] as const };
  return apply({ kind: 'prompt', ...names, plane, masks, algorithm: MODEL });
};
/** Over a plane of axis i: the two rows, in all slices. */
const COLUMN = encodeRuns(Uint8Array.from({ length: ROWS * frameKeys.length }, (_, at) => (at % ROWS < 2 ? 1 : 0)));

/** A stored SEG with the object in these slices is opened. */
const load = (slices: readonly number[]) =>
  apply({
    kind: 'load',
    segments: [
      {
        id: SEGMENT,
        label: 'Liver',
        color: [1, 2, 3],
        coding: CODING,
        algorithm: MODEL,
        tracking: { id: 't', uid: '2.25.7' },
      },
    ],
    cells: slices.map((k) => ({ segmentId: SEGMENT, frame: frame(k), runs: OBJECT })),
    from: { segSeriesUid: '1.2.9', sopInstanceUid: '1.2.9.1', instanceNumber: 3 },
  });

/** Carries the object forward, slice by slice up to one. */
async function propagate(from: number, to: number): Promise<PropagationEnded> {
  walk = async function* (task) {
    for (const plane of task.planes.slice(from + 1, to + 1))
      yield await Promise.resolve({ plane, runs: task.mask, score: 0.9, course: courseUpTo(0.9) });
    return { forward: 'object-ended', backward: null };
  };
  return started(from);
}

async function started(from: number): Promise<PropagationEnded> {
  const name = { seriesUid, propagationId: randomUUID(), segmentId: SEGMENT, sliceHash: '' };
  const start = { ...name, plane: slice(from), direction: 'forward', window: { kind: 'auto' } } as const;
  return new Promise((ended, failed) => {
    const report = { progress: () => undefined, wanted: () => undefined, failed: () => undefined, ended };
    propagations.start(start, series, ALICE, report).catch(failed);
  });
}

const masks = async () => {
  const { cells } = await documents.settled(seriesUid);
  return frameKeys.map((key) => cells.find((cell) => cell.frame === key)?.runs ?? []);
};

it('[DOC-21] one that ends earlier takes away what the former one found, not what a reopened SEG holds', async () => {
  await load([1, 2, 3, 4, 5]);
  await propagate(1, 6);
  expect((await masks())[6]).toEqual(OBJECT);
  await propagate(1, 3);
  expect(await masks()).toEqual([[], OBJECT, OBJECT, OBJECT, OBJECT, OBJECT, [], []]);
});

it('[DOC-21] one that ends earlier takes away nothing of a box in a plane that crosses the slices', async () => {
  await load([1]);
  await draw({ axis: 'i', index: 2 }, COLUMN);
  await propagate(1, 6);
  await propagate(1, 3);
  const line: Runs = [2, 1, COLUMNS + 2, 1];
  expect(await masks()).toEqual([line, OBJECT, OBJECT, OBJECT, line, line, line, line]);
});

it('learns of the boxes that are drawn on a plane meanwhile, there and on no other', async () => {
  await load([1]);
  const across: Plane = { axis: 'i', index: 2 };
  const boxesOn: (readonly Runs[])[] = [];
  walk = async function* (task) {
    yield { plane: slice(2), runs: OBJECT, score: 0.9, course: courseUpTo(0.9) };
    await draw(slice(2), [1, 3]);
    await draw(slice(2), [20, 2]);
    await draw(across, COLUMN);
    for (const plane of [slice(2), across, slice(3)]) boxesOn.push(task.decisionsOn?.(plane).boxes ?? []);
    return { forward: 'object-ended', backward: null };
  };
  await started(1);
  expect(boxesOn).toEqual([
    [
      [1, 3],
      [20, 2],
    ],
    [COLUMN],
    [],
  ]);
});

it('[DOC-18] one that failed is not told as interrupted, although its end could not be written', async () => {
  await load([1]);
  const review = (status: 'approved' | 'draft') => apply({ kind: 'segment:review', segmentId: SEGMENT, status });
  walk = async function* () {
    yield { plane: slice(2), runs: OBJECT, score: 0.9, course: courseUpTo(0.9) };
    await review('approved');
    yield { plane: slice(3), runs: OBJECT, score: 0.9, course: courseUpTo(0.9) };
    return { forward: 'object-ended', backward: null };
  };
  expect(await started(1)).toMatchObject({ forward: 'failed', error: { code: 'segment-approved' } });
  await review('draft');
  expect(propagations.interruptedIn(whole)).toEqual([]);
});
