import { boxOfRuns, clipBox, growBox, type Box, type Runs } from '@ohif-medsam/protocol';
import { NO_CORRECTIONS, type EngineRequest, type InferenceEngine } from '../ports/inferenceEngine.ts';
import type { Strategy } from './strategy.ts';

/**
 * Room to grow on the next plane, of the box's side. The model's masks fill their box: with none they shrink from plane to
 * plane, with 0.04 and at least a pixel they swell; with this the area stays (median 0.99 on training volumes).
 */
const MARGIN = 0.03;

/** Of models that know a plane at a time: asks with the box of the mask that is expected, and shows the plane before. */
export const byBox = (engine: InferenceEngine, asker: Pick<EngineRequest, 'modelId' | 'client'>): Strategy => ({
  anchor: () => Promise.resolve(),
  settle: () => {},
  async find({ image, previous, prompt, isBetween }, signal) {
    const box = nextBox(prompt, image);
    const beside = { beside: { image: previous.image, mask: previous.runs } };
    const { runs, score } = await engine.segment({
      ...asker,
      image,
      box,
      // As a mask of this very plane, that of the plane before would be clung to, and each plane add to the error of the one before
      // (tried on training volumes). A shape between two that a person vouches for is shown as that.
      ...(isBetween ? { corrections: { ...NO_CORRECTIONS, mask: prompt } } : beside),
      priority: 'propagation',
      signal,
    });
    return { runs, score, box };
  },
});

function nextBox(mask: Runs, size: { readonly columns: number; readonly rows: number }): Box {
  const box = boxOfRuns(mask, size.columns);
  if (!box) throw new RangeError('an empty mask has no box');
  const side = Math.max(box[2] - box[0], box[3] - box[1]) + 1;
  return clipBox(growBox(box, Math.round(side * MARGIN)), size);
}
