import type { EngineRequest, InferenceEngine, KnownPlane } from '../ports/inferenceEngine.ts';
import type { Strategy } from './strategy.ts';

/** So far back a model looks (SAM 2.1: six planes, and pointers of the fifteen before this one). */
const LOOKED_BACK = 15;
/** The person's masks nearest on the way that are shown: each makes every step slower. */
const MOST_ANCHORS = 4;

type Known = Omit<KnownPlane, 'apart'> & { readonly step: number };

/**
 * Of models that remember: shows the planes behind with their masks, and of those that a person decided on the next one ahead as
 * well. No box is needed.
 * @param planes - How many there are along the axis.
 */
export function byMemory(
  engine: InferenceEngine,
  asker: Pick<EngineRequest, 'modelId' | 'client'>,
  planes: number,
): Strategy {
  let anchors: readonly Known[] = [];
  let found: readonly Known[] = [];
  return {
    async anchor(step, runs, image) {
      // What was found there is corrected by it.
      found = found.filter((each) => each.step !== step);
      anchors = [...anchors, { step, image: await image(), mask: runs, isAnchor: true }].slice(-MOST_ANCHORS);
    },
    settle({ step, image, runs }) {
      found = [...found, { step, image, mask: runs, isAnchor: false }].slice(-LOOKED_BACK);
    },
    async find({ image, step, previous }, signal) {
      const settled = [...anchors, ...found];
      const doubtful = { step: previous.step, image: previous.image, mask: previous.runs, isAnchor: false };
      const known = settled.some((each) => each.step === previous.step) ? settled : [...settled, doubtful];
      const { runs, score } = await engine.track({
        ...asker,
        image,
        known: known.map(({ step: at, image: there, mask, isAnchor }) => ({
          ...{ image: there, mask, isAnchor },
          apart: step - at,
        })),
        planes,
        priority: 'propagation',
        signal,
      });
      return { runs, score };
    },
  };
}
