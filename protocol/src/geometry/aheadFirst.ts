/** A slice behind counts as so many times as far away as one ahead: who scrolls seldom turns round. */
const BEHIND = 3;

/** Which way one scrolled last through the order of slices; 0 as long as that is not known. */
export type Direction = -1 | 0 | 1;

/**
 * `items` by when they are likely to be looked at: the visible one, its neighbours by distance with those ahead first, then all
 * the others; as they are if the visible one is not among them.
 * @param direction - Which way one scrolls; without one, both ways alike and upwards first.
 */
export function aheadFirst<T>(items: readonly T[], visible: T, direction: Direction): T[] {
  const at = items.indexOf(visible);
  if (at < 0) return [...items];
  const farness = (index: number) => {
    const steps = (index - at) * (direction || 1);
    return steps >= 0 ? steps : -steps * (direction === 0 ? 1 : BEHIND);
  };
  const ahead = (index: number) => (index - at) * (direction || 1) > 0;
  return items
    .map((item, index) => ({ item, index }))
    .sort((a, b) => farness(a.index) - farness(b.index) || Number(ahead(b.index)) - Number(ahead(a.index)))
    .map(({ item }) => item);
}
