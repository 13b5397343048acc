/** `items` by their distance from `first`: itself, the one after it, the one before, and so on; as they are if it is not among them. */
export function aroundFirst<T>(items: readonly T[], first: T): T[] {
  const at = items.indexOf(first);
  if (at < 0) return [...items];
  const order = [first];
  for (let d = 1; d < items.length; d++) {
    for (const n of [at + d, at - d]) {
      const item = items[n];
      if (n >= 0 && item !== undefined) order.push(item);
    }
  }
  return order;
}
