/**
 * Whether a frame's labels are other than they were written; where none were written, whether there are any. Four at a time where
 * they lie so: each stroke ends with this for all frames of its series.
 * @param labels - One byte per pixel, as is `written`, of the same length.
 */
export function isPainted(labels: Uint8Array, written?: Uint8Array): boolean {
  const words = wordsOf(labels);
  const before = written && wordsOf(written);
  // Where either has none, byte by byte.
  const count = before === undefined ? words.length : Math.min(words.length, before.length);
  for (let at = 0; at < count; at++) if (words[at] !== (before?.[at] ?? 0)) return true;
  for (let at = 4 * count; at < labels.length; at++) if (labels[at] !== (written?.[at] ?? 0)) return true;
  return false;
}

/** Its whole words; none where it begins within one, as a slice of a volume may. */
const wordsOf = ({ buffer, byteOffset, length }: Uint8Array): Uint32Array =>
  byteOffset % 4 === 0 ? new Uint32Array(buffer, byteOffset, length >> 2) : new Uint32Array();
