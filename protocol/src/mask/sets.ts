import { EMPTY_RUNS, type Runs } from './runs.ts';

/**
 * Sweeps over two masks of one image and keeps the pixels for which `inside` holds. Linear in the number of runs.
 */
function sweep(a: Runs, b: Runs, inside: (inA: boolean, inB: boolean) => boolean): Runs {
  const out: number[] = [];
  let [atA, atB] = [0, 0];
  let start = -1;
  const edge = (runs: Runs, at: number) =>
    at >= runs.length ? Infinity : (runs[at & ~1] ?? 0) + (at % 2 === 0 ? 0 : (runs[at] ?? 0));
  for (;;) {
    const position = Math.min(edge(a, atA), edge(b, atB));
    if (position === Infinity) return out;
    while (edge(a, atA) === position) atA++;
    while (edge(b, atB) === position) atB++;
    const now = inside(atA % 2 === 1, atB % 2 === 1);
    if (now && start < 0) start = position;
    else if (!now && start >= 0) {
      out.push(start, position - start);
      start = -1;
    }
  }
}

// Most masks meet nothing: a first mask, an edit that only adds.
export const union = (a: Runs, b: Runs): Runs =>
  a.length === 0 ? b : b.length === 0 ? a : sweep(a, b, (inA, inB) => inA || inB);
export const intersect = (a: Runs, b: Runs): Runs =>
  a.length === 0 || b.length === 0 ? EMPTY_RUNS : sweep(a, b, (inA, inB) => inA && inB);
export const subtract = (a: Runs, b: Runs): Runs =>
  a.length === 0 || b.length === 0 ? a : sweep(a, b, (inA, inB) => inA && !inB);

export const sameRuns = (a: Runs, b: Runs): boolean => a.length === b.length && a.every((n, at) => n === b[at]);
