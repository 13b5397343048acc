/** Which of the objects are asked about. */
import { createHash } from 'node:crypto';

interface Listed {
  readonly set: string;
  readonly image: string;
  readonly objects: readonly { readonly id: number }[];
}

/** The first `most` objects of each set, in order. */
export function firstOfEachSet<T extends Listed>(items: readonly T[], most: number): T[] {
  const left = new Map<string, number>();
  return items.flatMap((item) => {
    const some = left.get(item.set) ?? most;
    const objects = item.objects.slice(0, some);
    left.set(item.set, some - objects.length);
    return objects.length > 0 ? [{ ...item, objects }] : [];
  });
}

/**
 * At most `most` names, the same ones whatever their order: those whose hashes come first.
 */
export function sampleOf(names: readonly string[], most: number): ReadonlySet<string> {
  const hashOf = (name: string) => createHash('sha256').update(`sample ${name}`).digest('hex');
  const hashed = names.map((name) => [hashOf(name), name] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  return new Set(hashed.slice(0, most).map(([, name]) => name));
}
