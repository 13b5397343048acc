import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aheadFirst } from './aheadFirst.ts';

const letters = [...'abcdefghij'];

describe('the order in which slices are pushed', () => {
  it('[PO1] is by distance from the visible slice, upwards first, as long as nobody has scrolled', () =>
    expect(aheadFirst(letters.slice(0, 5), 'b', 0)).toEqual(['b', 'c', 'a', 'd', 'e']));

  it('[PO2] leaves none out and names none twice', () =>
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(), { minLength: 1 }),
        fc.nat(),
        fc.constantFrom(-1 as const, 0 as const, 1 as const),
        (items, at, direction) => {
          const visible = items[at % items.length] ?? 0;
          const order = aheadFirst(items, visible, direction);
          expect(order[0]).toBe(visible);
          expect([...order].sort()).toEqual([...items].sort());
        },
      ),
    ));

  it('[PO3] goes ahead where one scrolls to, with the nearest behind before the far ahead', () => {
    expect(aheadFirst(letters, 'e', 1).join('')).toBe('efghdijcba');
    expect(aheadFirst(letters, 'f', -1).join('')).toBe('fedcgbahij');
  });
});
