/**
 * Runs a task on everything that comes, several at once, and returns the results in the order of what came: while the model
 * works on one box, the mask of another is scored. Ends at the first failure.
 * @param width - How many run at once.
 */
export async function inFlight<T, R>(
  coming: AsyncIterator<T>,
  width: number,
  run: (task: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let [asked, failed] = [0, false];
  const work = async () => {
    while (!failed) {
      // A generator answers in the order in which it is asked.
      const at = asked++;
      const next = await coming.next();
      if (next.done) return;
      results[at] = await run(next.value);
    }
  };
  try {
    await Promise.all(Array.from({ length: width }, work));
  } finally {
    failed = true;
  }
  return results;
}
