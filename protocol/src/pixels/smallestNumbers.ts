import type { PixelType } from '../messages/slice.ts';

export type PixelNumbers = Int8Array | Uint8Array | Int16Array | Uint16Array | Float32Array;

/** From smallest to largest; float32 takes what no other does. */
const INTEGERS = [
  { type: 'uint8', from: 0, to: 255, Numbers: Uint8Array },
  { type: 'int8', from: -128, to: 127, Numbers: Int8Array },
  { type: 'uint16', from: 0, to: 65_535, Numbers: Uint16Array },
  { type: 'int16', from: -32_768, to: 32_767, Numbers: Int16Array },
] as const;

/**
 * The same numbers in the smallest pixel type that holds them all: then equal values are equal bytes, with one hash, whoever read
 * them and however.
 * @returns Itself if it is of that type already.
 */
export function smallestNumbers(values: ArrayLike<number>): { type: PixelType; values: PixelNumbers } {
  let [least, most] = [Infinity, -Infinity];
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? 0;
    if (!Number.isInteger(value)) return { type: 'float32', values: as(Float32Array, values) };
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const fitting = INTEGERS.find(({ from, to }) => from <= least && most <= to);
  if (!fitting) return { type: 'float32', values: as(Float32Array, values) };
  return { type: fitting.type, values: as(fitting.Numbers, values) };
}

function as(
  Numbers: (typeof INTEGERS)[number]['Numbers'] | typeof Float32Array,
  values: ArrayLike<number>,
): PixelNumbers {
  return values instanceof Numbers ? values : new Numbers(values);
}
