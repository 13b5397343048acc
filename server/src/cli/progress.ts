/** Says on stderr how far something is: on one line of a terminal, else in a few lines of a log. */

const LINES_IN_LOG = 10;

/** @returns To be called whenever one more is done. */
export function progressOf(what: string, total: number): () => void {
  const { stderr } = process;
  const say = (done: number) => {
    const text = `${what}: ${String(done)} of ${String(total)}`;
    if (stderr.isTTY) stderr.write(`\r${text}${done === total ? '\n' : ''}`);
    else if (done === total || done % Math.ceil(total / LINES_IN_LOG) === 0) stderr.write(`${text}\n`);
  };
  say(0);
  let done = 0;
  return () => say(++done);
}

const MEGABYTE = 1_000_000;
const PERCENT_IN_LOG = 10;

/** @returns To be called with how many bytes there are, and of how many where that is known. */
export function bytesProgress(what: string): (bytes: number, total: number | undefined) => void {
  const { stderr } = process;
  let shown = '';
  return (bytes, total) => {
    const step = stderr.isTTY ? 1 : PERCENT_IN_LOG;
    const percent = total === undefined ? undefined : Math.floor((100 * bytes) / total / step) * step;
    const of = total === undefined ? '' : ` of ${(total / MEGABYTE).toFixed(0)}`;
    const key = String(percent ?? Math.floor(bytes / MEGABYTE / step));
    if (key === shown) return;
    shown = key;
    const text = `${what}: ${(bytes / MEGABYTE).toFixed(0)}${of} MB${percent === undefined ? '' : ` (${String(percent)} %)`}`;
    if (stderr.isTTY) stderr.write(`\r${text}${bytes === total ? '\n' : ''}`);
    else stderr.write(`${text}\n`);
  };
}
