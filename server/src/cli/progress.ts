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
