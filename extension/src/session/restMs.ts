/**
 * How long the background rests after a piece of work, so that it takes no more than its share of the time of link and page.
 * @param share - Greater than 0, at most 1.
 */
export const restMs = (workedMs: number, share: number): number => workedMs * (1 / share - 1);
