import { EMPTY_RUNS, intersect, subtract, union, type Runs } from '@ohif-medsam/protocol';

/**
 * What one operation does to one cell: `remove` is taken out of the mask, then `add` put in. `settled` layers belong to no
 * operation any more: they are too old to be undone.
 */
export interface Layer {
  /** Revision of the operation: layers lie in this order. */
  readonly order: number;
  readonly source: 'edit' | 'prompt' | 'propagation' | 'settled';
  readonly add: Runs;
  readonly remove: Runs;
  /** Of brush, eraser or scissors, alone or among others. */
  readonly byHand?: true;
}

/** The mask that a stack of layers gives, from the empty mask upwards. What gives way took out what it took out. */
export const foldLayers = (layers: readonly Layer[]): Runs =>
  layers.reduce((runs, layer, at) => {
    const left = subtract(runs, layer.remove);
    return givesWay(layers, layer, at) ? left : union(left, layer.add);
  }, EMPTY_RUNS);

/**
 * [DOC-7] A propagated mask gives way to a box's mask, and to a later propagated mask, that it overlaps in this frame: they show
 * the same object, seen better. Otherwise a leak could never be corrected by another box: the union would keep it.
 */
const givesWay = (layers: readonly Layer[], layer: Layer, at: number): boolean =>
  layer.source === 'propagation' &&
  layers.some(
    (other, n) =>
      (other.source === 'prompt' || (other.source === 'propagation' && n > at)) &&
      intersect(other.add, layer.add).length > 0,
  );

/** A stack with some layers taken out (by order) and others put in at their place. */
export function restack(layers: readonly Layer[], out: ReadonlySet<number>, add: readonly Layer[]): readonly Layer[] {
  const stack = [...layers.filter((layer) => layer.source === 'settled' || !out.has(layer.order)), ...add];
  return stack.sort((a, b) => a.order - b.order);
}

/**
 * A stack whose layers of these orders belong to no operation any more; neighbours among those become one layer.
 * @param fences - Orders of superseded operations that may come back between two layers, which therefore stay apart.
 */
export function settleLayers(
  layers: readonly Layer[],
  orders: ReadonlySet<number>,
  fences: readonly number[],
): readonly Layer[] {
  const stack: Layer[] = [];
  for (const layer of layers) {
    const below = stack.at(-1);
    if (layer.source !== 'settled' && !orders.has(layer.order)) stack.push(layer);
    else if (below?.source === 'settled' && !fences.some((fence) => fence > below.order && fence < layer.order))
      stack[stack.length - 1] = compose(below, layer);
    else stack.push({ ...layer, source: 'settled' });
  }
  return stack;
}

/** One layer that does what two do: ((x - r1) + a1 - r2) + a2 = (x - (r1 + r2)) + ((a1 - r2) + a2). */
const compose = (first: Layer, second: Layer): Layer => ({
  order: second.order,
  source: 'settled',
  remove: union(first.remove, second.remove),
  add: union(subtract(first.add, second.remove), second.add),
  ...((first.byHand ?? second.byHand) && { byHand: true }),
});
