import { createHash } from 'node:crypto';
import type { Runs } from '@ohif-medsam/protocol';
import { LRUCache } from 'lru-cache';

/** What a tracking model keeps of a plane whose mask is known: mem [memory channels, grid, grid] and ptr [channels]. */
export interface Memory {
  readonly mem: Float32Array;
  readonly ptr: Float32Array;
}

/** Some twenty ways at once, of the ten planes that each looks back upon, at the model's full size. */
const BYTES = 64 * 1024 * 1024;
/** Whatever ended a way, nobody comes back for its memories. */
const KEPT_MS = 600_000;

/**
 * Memories by image and mask. They may go at any time and can be computed again, so nobody has to end a track: a way that
 * is over, cancelled or whose server has gone leaves nothing behind that does not go by itself.
 */
export class Memories {
  readonly #kept = new LRUCache<string, Memory>({
    maxSize: BYTES,
    sizeCalculation: ({ mem, ptr }) => mem.byteLength + ptr.byteLength,
    ttl: KEPT_MS,
    ttlAutopurge: true,
  });

  has(plane: MaskOnPlane): boolean {
    return this.#kept.has(keyOf(plane));
  }

  get(plane: MaskOnPlane): Memory | undefined {
    return this.#kept.get(keyOf(plane));
  }

  set(plane: MaskOnPlane, memory: Memory): void {
    this.#kept.set(keyOf(plane), memory);
  }
}

export interface MaskOnPlane {
  readonly imageKey: string;
  readonly mask: Runs;
  readonly isAnchor: boolean;
}

function keyOf({ imageKey, mask, isAnchor }: MaskOnPlane): string {
  const hash = createHash('sha256').update(Uint32Array.from(mask)).digest('base64');
  return `${isAnchor ? 'anchor' : 'found'}|${hash}|${imageKey}`;
}
