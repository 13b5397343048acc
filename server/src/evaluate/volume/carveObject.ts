/** One object of a volume as a person makes it: a box, propagation, and more boxes where it went wrong. */
import { randomUUID } from 'node:crypto';
import {
  AppError,
  boxOfRuns,
  boxProblem,
  clipBox,
  growBox,
  planeKeyOf,
  union,
  type Box,
  type Plane,
  type Runs,
} from '@ohif-medsam/protocol';
import type { InferenceEngine } from '../../ports/inferenceEngine.ts';
import type { SliceStore } from '../../ports/sliceStore.ts';
import { propagate, type StopRule } from '../../propagate/index.ts';
import { segmentFromBox } from '../../segment/index.ts';
import { planesOf, sliceOf, type SliceMasks, type TruthVolume } from './volume.ts';

export interface VolumePorts {
  readonly engine: InferenceEngine;
  readonly slices: SliceStore;
  readonly modelId: string;
  readonly signal: AbortSignal;
  /** The rule by which propagation stops, where it is not the usual one. */
  readonly stop?: StopRule;
}

/** Slices arrive as soon as they are wanted. */
const SLICE_TIMEOUT_MS = 10_000;
const AUTO = { kind: 'auto' } as const;

/** Of which slice of which object, and by which model: what a prompt and a propagation have in common. */
type Asked = Omit<Parameters<ReturnType<typeof propagate>>[0]['start'], 'propagationId' | 'direction'>;

/**
 * The masks so far, and the three things that a person does about them. What was prompted are the anchors of every propagation.
 */
export class CarvedObject {
  readonly #ports: VolumePorts;
  readonly #volume: TruthVolume;
  readonly #planes: readonly Plane[];
  readonly #found: Runs[];
  readonly #prompted = new Set<number>();
  readonly #decided = new Set<number>();
  readonly #segmentId = randomUUID();

  constructor(ports: VolumePorts, volume: TruthVolume) {
    this.#ports = ports;
    this.#volume = volume;
    this.#planes = planesOf(volume);
    this.#found = this.#planes.map(() => []);
  }

  get masks(): SliceMasks {
    return [...this.#found];
  }

  wasPrompted(k: number): boolean {
    return this.#prompted.has(k);
  }

  /** Whether a person said what the mask on slice `k` is, and that there is none counts too: nothing is left to do there. */
  isDecided(k: number): boolean {
    return this.#decided.has(k);
  }

  /** The box of a mask that is not empty, one pixel more where that is too thin to draw. */
  tightBox(truth: Runs): Box {
    const tight = boxOfRuns(truth, this.#volume.columns);
    if (!tight) throw new RangeError('nothing to draw a box around');
    return boxProblem(tight, this.#volume) === undefined ? tight : clipBox(growBox(tight, 1), this.#volume);
  }

  /**
   * Draws the tight box of the truth on slice `k`, and carries the mask on.
   * @throws AppError as segmenting does, `engine-failed` if propagation breaks off.
   */
  async drawBox(k: number, truth: Runs): Promise<void> {
    const box = this.tightBox(truth);
    const { engine, slices, signal } = this.#ports;
    const asked = this.#ask(k);
    const prompt = { ...asked, promptId: randomUUID(), box };
    const { runs } = await segmentFromBox({ slices, engine })(prompt, this.#volume.series, { signal });
    await this.#anchor(k, runs, asked);
  }

  /**
   * Corrects the mask on slice `k`, and carries it on.
   * @throws AppError as `drawBox`.
   */
  async correct(k: number, truth: Runs): Promise<void> {
    this.#decided.add(k);
    await this.#anchor(k, truth, this.#ask(k));
  }

  /** Says that the object is not on slice `k`: it ends before, or, between two boxes, leaves this slice out. */
  erase(k: number): void {
    const boxes = [...this.#prompted].filter((at) => (this.#found[at]?.length ?? 0) > 0);
    this.#prompted.add(k);
    this.#decided.add(k);
    this.#found[k] = [];
    if (boxes.every((at) => at < k)) this.#found.fill([], k);
    if (boxes.every((at) => at > k)) this.#found.fill([], 0, k);
  }

  #ask(k: number): Asked {
    const plane = this.#planes[k];
    if (!plane) throw new RangeError(`no slice ${String(k)}`);
    const slice = sliceOf(this.#volume, plane, k);
    this.#ports.slices.put(slice);
    const { modelId } = this.#ports;
    const seriesUid = this.#volume.name;
    return { seriesUid, segmentId: this.#segmentId, plane, sliceHash: slice.hash, window: AUTO, modelId };
  }

  async #anchor(k: number, runs: Runs, asked: Asked): Promise<void> {
    this.#prompted.add(k);
    this.#found[k] = runs;
    if (runs.length > 0) await this.#carry(asked, runs);
  }

  async #carry(asked: Asked, mask: Runs): Promise<void> {
    const { slices, engine, signal, stop } = this.#ports;
    const numbers = new Map(this.#planes.map((plane, at) => [planeKeyOf(plane), at]));
    const onWanted = (planes: readonly Plane[]) => {
      for (const plane of planes) slices.put(sliceOf(this.#volume, plane, numberOf(plane)));
    };
    const start = { ...asked, propagationId: randomUUID(), direction: 'both' } as const;
    const before = [...this.#found];
    const numberOf = (plane: Plane) => numbers.get(planeKeyOf(plane)) ?? -1;
    const anchors = new Set([...this.#prompted].flatMap((at) => this.#planes[at] ?? []).map(planeKeyOf));
    const maskOn = (plane: Plane) => before[numberOf(plane)] ?? [];
    const isAnchor = (plane: Plane) => anchors.has(planeKeyOf(plane));
    const task = { start, series: this.#volume.series, planes: this.#planes, mask, isAnchor, maskOn, onWanted };
    const running = propagate({ slices, engine, sliceTimeoutMs: SLICE_TIMEOUT_MS, ...(stop && { stop }) })(
      task,
      signal,
    );
    for (;;) {
      const next = await running.planes.next();
      if (next.done) {
        const { forward, backward } = next.value;
        if (forward === 'cancelled' || backward === 'cancelled') throw new AppError('cancelled');
        if (forward === 'failed' || backward === 'failed') throw new AppError('engine-failed');
        return;
      }
      const k = numberOf(next.value.plane);
      // Of another part of the object than the one that was prompted there: the document too holds both.
      this.#found[k] = union(this.#prompted.has(k) ? (this.#found[k] ?? []) : [], next.value.runs);
    }
  }
}
