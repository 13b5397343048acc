/** What a person says first who sees a mask that is wrong: one click in the middle of its largest fault. */
import { decodeRuns, subtract, type Runs } from '@ohif-medsam/protocol';
import type { Corrections, PixelPoint } from '../ports/inferenceEngine.ts';

interface Size {
  readonly columns: number;
  readonly rows: number;
}

/**
 * A click inside of the object where most of it is missed, or outside where most is too much, and the mask as it was.
 * @returns Undefined where nothing is wrong.
 */
export function correctingClick(mask: Runs, truth: Runs, size: Size): Corrections | undefined {
  const [missed, spilt] = [largestPart(subtract(truth, mask), size), largestPart(subtract(mask, truth), size)];
  const isMissed = missed.length >= spilt.length;
  const point = innermost(isMissed ? missed : spilt, size);
  if (!point) return undefined;
  return { inside: isMissed ? [point] : [], outside: isMissed ? [] : [point], mask };
}

/** The part with most pixels, of those that share sides; the first of several. @returns Flat indices, ascending. */
function largestPart(runs: Runs, size: Size): readonly number[] {
  const left = decodeRuns(runs, size.columns * size.rows);
  let largest: number[] = [];
  for (let first = left.indexOf(1); first >= 0; first = left.indexOf(1, first + 1)) {
    const part = [first];
    left[first] = 0;
    for (const at of part)
      for (const next of besides(at, size))
        if (left[next] === 1) {
          left[next] = 0;
          part.push(next);
        }
    if (part.length > largest.length) largest = part;
  }
  return largest.sort((a, b) => a - b);
}

/** The pixel that is most steps from all that does not belong to the part; the middle one of several. */
function innermost(part: readonly number[], size: Size): PixelPoint | undefined {
  let [deepest, rest] = [part, new Set(part)];
  while (rest.size > 0) {
    deepest = [...rest];
    // Beyond the border of the image nothing belongs to it.
    const inner = deepest.filter((at) => {
      const around = besides(at, size);
      return around.length === 4 && around.every((next) => rest.has(next));
    });
    rest = new Set(inner);
  }
  const at = deepest[Math.floor(deepest.length / 2)];
  return at === undefined ? undefined : [at % size.columns, Math.floor(at / size.columns)];
}

/** The pixels of the image that share a side with one. */
function besides(at: number, { columns, rows }: Size): number[] {
  const [x, y] = [at % columns, Math.floor(at / columns)];
  return [
    ...(y > 0 ? [at - columns] : []),
    ...(x > 0 ? [at - 1] : []),
    ...(x < columns - 1 ? [at + 1] : []),
    ...(y < rows - 1 ? [at + columns] : []),
  ];
}
