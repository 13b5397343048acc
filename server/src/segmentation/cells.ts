import { EMPTY_RUNS, sameRuns, type FrameMask, type Runs } from '@ohif-medsam/protocol';
import { joinedMasks } from './grow.ts';
import { foldLayers, restack, settleLayers, type Layer } from './layers.ts';
import { standing, type LogEntry } from './log.ts';
import type { LoggedOperation } from './operations.ts';
import type { Cells, CellState } from './state.ts';

interface PlacedLayer {
  readonly segmentId: string;
  readonly frame: string;
  readonly layer: Layer;
}

/** What an operation does to the cells. A mask over many frames (drawn in MPR) never shows a whole slice, hence counts as an edit. */
export function layersOf({ revision: order, operation: o }: LogEntry): PlacedLayer[] {
  switch (o.kind) {
    case 'mask:edit':
      return o.edits.map(({ segmentId, frame, add, remove }) => ({
        segmentId,
        frame,
        layer: { order, source: 'edit', byHand: true, add, remove },
      }));
    case 'prompt':
    case 'propagation': {
      const source = o.plane.axis === 'k' ? o.kind : 'edit';
      const added = new Map(o.masks.map(({ frame, runs }) => [frame, runs]));
      const removed = new Map(clearedBy(o).map(({ frame, runs }) => [frame, runs]));
      return [...new Set([...added.keys(), ...removed.keys()])].map((frame) => ({
        segmentId: o.segmentId,
        frame,
        layer: { order, source, add: added.get(frame) ?? EMPTY_RUNS, remove: removed.get(frame) ?? EMPTY_RUNS },
      }));
    }
    case 'load':
      return o.cells.map(({ segmentId, frame, runs }) => ({
        segmentId,
        frame,
        layer: { order, source: 'edit', add: runs, remove: EMPTY_RUNS },
      }));
    case 'segment:add':
    case 'segment:update':
    case 'segment:delete':
    case 'segment:review':
    case 'prompt:delete':
    case 'saved':
      return [];
  }
}

/** [DOC-20] What a propagation takes away of older ones, frame by frame. */
const clearedBy = (operation: LoggedOperation): FrameMask[] =>
  operation.kind === 'propagation' ? joinedMasks((operation.cleared ?? []).flatMap(({ masks }) => masks)) : [];

interface Restack {
  readonly out: Set<number>;
  readonly add: Layer[];
}

/** Makes new cells in which some stacks are replaced; everything else is shared with the old ones. */
function replaceCells(cells: Cells, changes: ReadonlyMap<string, ReadonlyMap<string, Restack>>): Cells {
  const next = new Map(cells);
  for (const [segmentId, frames] of changes) {
    const segment = new Map(next.get(segmentId));
    for (const [frame, { out, add }] of frames) {
      const before: CellState = segment.get(frame) ?? { layers: [], runs: EMPTY_RUNS };
      const layers = restack(before.layers, out, add);
      const runs = foldLayers(layers);
      if (layers.length === 0) segment.delete(frame);
      else segment.set(frame, { layers, runs: sameRuns(runs, before.runs) ? before.runs : runs });
    }
    if (segment.size === 0) next.delete(segmentId);
    else next.set(segmentId, segment);
  }
  return next;
}

/**
 * The cells after the log changed: only cells touched by an entry that came, went or grew are folded again.
 * @param before - The log that `cells` stand for.
 */
export function recomputeCells(cells: Cells, before: readonly LogEntry[], after: readonly LogEntry[]): Cells {
  const [old, now] = [new Set(standing(before)), new Set(standing(after))];
  const changes = new Map<string, Map<string, Restack>>();
  const change = (segmentId: string, frame: string): Restack => {
    const frames = changes.get(segmentId) ?? new Map<string, Restack>();
    changes.set(segmentId, frames);
    const restacking = frames.get(frame) ?? { out: new Set(), add: [] };
    frames.set(frame, restacking);
    return restacking;
  };
  const grown = grownMasks(old, now);
  for (const entry of old) {
    if (now.has(entry) || grown.has(entry.revision)) continue;
    for (const { segmentId, frame, layer } of layersOf(entry)) change(segmentId, frame).out.add(layer.order);
  }
  for (const entry of now) {
    if (old.has(entry)) continue;
    const kept = grown.get(entry.revision);
    for (const { segmentId, frame, layer } of layersOf(entry)) {
      if (kept && !hasGrown(kept, frame, layer)) continue;
      const restacking = change(segmentId, frame);
      restacking.out.add(layer.order);
      restacking.add.push(layer);
    }
  }
  return replaceCells(cells, changes);
}

interface GrownMasks {
  readonly added: ReadonlyMap<string, Runs>;
  readonly cleared: ReadonlyMap<string, Runs>;
}

/** By revision what a growing propagation already had and cleared, by frame: those cells need not be folded again. */
function grownMasks(old: ReadonlySet<LogEntry>, now: ReadonlySet<LogEntry>): Map<number, GrownMasks> {
  const standingNow = new Set([...now].map(({ revision }) => revision));
  const masks = new Map<number, GrownMasks>();
  const byFrame = (all: readonly FrameMask[]) => new Map(all.map(({ frame, runs }) => [frame, runs]));
  for (const entry of old) {
    if (now.has(entry) || !standingNow.has(entry.revision) || entry.operation.kind !== 'propagation') continue;
    const { masks: added, cleared = [] } = entry.operation;
    masks.set(entry.revision, { added: byFrame(added), cleared: byFrame(cleared.flatMap((one) => one.masks)) });
  }
  return masks;
}

/** By identity, which is quick; equal slices may share one mask, so within the frame alone. */
const hasGrown = ({ added, cleared }: GrownMasks, frame: string, { add, remove }: Layer): boolean =>
  add !== (added.get(frame) ?? EMPTY_RUNS) || remove !== (cleared.get(frame) ?? EMPTY_RUNS);

/** The cells after entries became too old to be undone. The masks stay as they are. */
export function settleCells(cells: Cells, entries: readonly LogEntry[], fences: readonly number[]): Cells {
  const next = new Map<string, Map<string, CellState>>();
  for (const entry of entries)
    for (const { segmentId, frame } of layersOf(entry)) {
      const segment = next.get(segmentId) ?? new Map(cells.get(segmentId));
      next.set(segmentId, segment);
      const cell = segment.get(frame);
      if (cell) segment.set(frame, { ...cell, layers: settleLayers(cell.layers, new Set([entry.revision]), fences) });
    }
  return new Map([...cells, ...next]);
}
