/**
 * Calls `run` at most once per interval, with the newest value; the last value always arrives. For what is only worth knowing
 * now, such as where a pointer is.
 */
export function latest<T>(intervalMs: number, run: (value: T) => void): (value: T) => void {
  let waiting: { value: T } | undefined;
  let resting = false;
  const next = () => {
    resting = waiting !== undefined;
    if (!waiting) return;
    const { value } = waiting;
    waiting = undefined;
    run(value);
    setTimeout(next, intervalMs);
  };
  return (value) => {
    waiting = { value };
    if (!resting) next();
  };
}
