/**
 * How sure a model is of its mask, 0 to 1: the Dice that it expects of the mask if its own probabilities are right. For models
 * that give no score of their own.
 */
export function expectedDice(logits: Float32Array, threshold: number): number {
  let [inside, all, count] = [0, 0, 0];
  for (const logit of logits) {
    const chance = 1 / (1 + Math.exp(-logit));
    all += chance;
    if (logit > threshold) {
      inside += chance;
      count++;
    }
  }
  return count === 0 ? 0 : (2 * inside) / (all + count);
}
