import { forEachRun, type Runs } from '@ohif-medsam/protocol';

/**
 * Packs masks as the pixel data of a BINARY segmentation: one bit per pixel, first pixel in the lowest bit, frames following
 * each other without filling up the last byte (PS3.5 section 8.1.1, annex D).
 * @param masks - One per frame.
 * @param pixels - Rows * columns of a frame.
 */
export function packMasks(masks: readonly Runs[], pixels: number): Uint8Array {
  const bits = new Uint8Array(Math.ceil((masks.length * pixels) / 8));
  masks.forEach((runs, frame) => {
    forEachRun(runs, (start, end) => {
      if (end > pixels) throw new RangeError(`run ends at ${String(end)} of ${String(pixels)} pixels`);
      setBits(bits, frame * pixels + start, frame * pixels + end);
    });
  });
  return bits;
}

/** Sets bits [from, to): whole bytes at once, because a mask of 300 slices has tens of millions of them. */
function setBits(bits: Uint8Array, from: number, to: number): void {
  const firstByte = Math.floor(from / 8);
  const lastByte = Math.floor(to / 8);
  const head = (0xff << (from % 8)) & 0xff;
  const tail = (1 << (to % 8)) - 1;
  if (firstByte === lastByte) {
    bits[firstByte] = (bits[firstByte] ?? 0) | (head & tail);
    return;
  }
  bits[firstByte] = (bits[firstByte] ?? 0) | head;
  bits.fill(0xff, firstByte + 1, lastByte);
  if (tail !== 0) bits[lastByte] = (bits[lastByte] ?? 0) | tail;
}

/**
 * The mask of one frame of packed pixel data.
 * @param frame - From 0.
 */
export function unpackMask(bits: Uint8Array, frame: number, pixels: number): Runs {
  const runs: number[] = [];
  const base = frame * pixels;
  let start = -1;
  for (let n = 0; n < pixels;) {
    const at = base + n;
    const byte = bits[Math.floor(at / 8)] ?? 0;
    // Nothing changes within a byte of only zeros outside of a run, or of only ones inside: most bytes are such.
    if (at % 8 === 0 && n + 8 <= pixels && byte === (start < 0 ? 0 : 0xff)) {
      n += 8;
      continue;
    }
    const inside = ((byte >> (at % 8)) & 1) === 1;
    if (inside && start < 0) start = n;
    if (!inside && start >= 0) {
      runs.push(start, n - start);
      start = -1;
    }
    n++;
  }
  if (start >= 0) runs.push(start, pixels - start);
  return runs;
}
