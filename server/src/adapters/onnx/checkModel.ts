import { availableParallelism } from 'node:os';
import { reasonOf } from './cardParts.ts';
import type { CheckOutcome } from './checkCard.ts';
import { EngineChild } from './engineChild.ts';

/** Reading, checking and running every variant of the largest model on a slow machine. */
const TIMEOUT_MS = 600_000;

/**
 * Loads everything that a card names on the CPU, in every variant, and runs its golden inputs: what a model has to pass
 * before it is offered to anybody. In a process of its own: onnxruntime blocks its event loop, and a damaged file may bring it
 * down.
 * @param folder - Holds `cards/` and `weights/`.
 * @param cardFile - Name of the file within `cards/`.
 * @returns The model as a server with these files would offer it, or all that is wrong with it.
 */
export async function checkModel(folder: string, cardFile: string): Promise<CheckOutcome> {
  const child = new EngineChild(() => undefined);
  try {
    const answer = await child.ask(
      { kind: 'check', modelsFolder: folder, cardFile, threads: availableParallelism() },
      TIMEOUT_MS,
    );
    if (answer.kind !== 'checked') throw new Error(`expected "checked", got "${answer.kind}"`);
    return answer.outcome;
  } catch (error) {
    return { problems: [reasonOf(error)] };
  } finally {
    child.kill();
  }
}
