import type { SliceImage } from '../../ports/inferenceEngine.ts';
import type { EngineChild } from './engineChild.ts';
import type { Answered, Prepare, Segment, Track } from './wire.ts';

/** What is asked of an image. */
export type Question =
  | Pick<Prepare, 'kind'>
  | Pick<Segment, 'kind' | 'box' | 'corrections' | 'beside'>
  | Pick<Track, 'kind' | 'known' | 'planes'>;

export interface Work {
  readonly modelId: string;
  readonly question: Question;
  /** Those that the question is about; itself first. */
  readonly images: readonly [SliceImage, ...SliceImage[]];
  /** Those that are sent only if the process says that it lacks them. */
  readonly spare: readonly SliceImage[];
}

/**
 * Asks an engine process, and sends with it the images that it does not hold.
 * @param works - About one model.
 * @param held - Keys of the images that the process holds; kept up to date.
 * @throws Error if the process ends before it answers.
 */
export async function askProcess(
  child: EngineChild,
  works: readonly Work[],
  held: Set<string>,
  timeoutMs: number,
): Promise<Answered> {
  const modelId = works[0]?.modelId ?? '';
  const about = new Map(works.flatMap(({ images }) => images.map((image) => [image.key, image] as const)));
  const questions = works.map(({ question, images }) => ({ ...question, imageKey: images[0].key }));
  const notHeld = () => [...about.values()].filter(({ key }) => !held.has(key));
  const ask = async (images: readonly SliceImage[]) => {
    for (const { key } of images) held.add(key);
    const answered = await child.ask({ kind: 'ask', modelId, questions, images }, timeoutMs);
    if (answered.kind !== 'answered') throw new Error(`got "${answered.kind}"`);
    for (const key of answered.dropped) held.delete(key);
    return answered;
  };
  const answered = await ask(notHeld());
  const lacking = answered.answers.flatMap((answer) => (answer.kind === 'lacking' ? answer.imageKeys : []));
  if (lacking.length === 0) return answered;
  const spare = works.flatMap((work) => work.spare).filter(({ key }) => lacking.includes(key));
  return ask([...notHeld(), ...spare]);
}
