import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aroundFirst } from './pushOrder.ts';

describe('the order in which slices are pushed', () => {
  it('[PO1] is by distance from the visible slice, upwards first', () =>
    expect(aroundFirst(['a', 'b', 'c', 'd', 'e'], 'b')).toEqual(['b', 'c', 'a', 'd', 'e']));

  it('[PO2] leaves none out and names none twice', () =>
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(), { minLength: 1 }), fc.nat(), (items, at) => {
        const order = aroundFirst(items, items[at % items.length] ?? 0);
        expect([...order].sort()).toEqual([...items].sort());
      }),
    ));
});
