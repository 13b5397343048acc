import { AppError, boxProblem, type PreviewRequest, type Runs, type UsedWindow } from '@ohif-medsam/protocol';
import type { BoxMask, Corrections, EngineRequest, InferenceEngine, SliceImage } from '../ports/inferenceEngine.ts';
import type { SliceStore } from '../ports/sliceStore.ts';
import { requireSlice } from './requireSlice.ts';
import { windowSlice, type SeriesFacts } from './window.ts';

/** A box, and how its mask is to be corrected. */
export type CorrectedBox = PreviewRequest & { readonly corrections?: Corrections };

export interface BoxResult {
  /** Over the whole image of the prompt's plane. */
  readonly runs: Runs;
  /** The model's own estimate of the mask's quality, 0 to 1. */
  readonly score: number;
  readonly window: UsedWindow | null;
  readonly modelId: string;
  readonly device: string;
  readonly ms: { readonly queued: number; readonly inference: number; readonly total: number };
}

/** @param asker - Who asks, so that people take turns, until when, and whether only to look at the mask. */
export type SegmentFromBox = (
  prompt: CorrectedBox,
  series: SeriesFacts,
  asker?: Pick<EngineRequest, 'client' | 'signal'> & { readonly isPreview?: boolean },
) => Promise<BoxResult>;

/**
 * One box becomes one mask. While a prompt is asked again under its id (a handle is dragged), only the newest answer
 * counts: the older ones end with `superseded`, and those that still wait never run. A preview ends previews only: a box that was
 * picked up again may be put back where somebody waits for its mask.
 * @throws AppError `slice-missing`, `box-invalid`, `points-invalid`, `input-invalid`, `superseded`, and what the engine throws.
 */
export function segmentFromBox(ports: {
  readonly slices: SliceStore;
  readonly engine: InferenceEngine;
}): SegmentFromBox {
  const newest = new Map<string, AbortController>();

  return async (prompt, series, { signal, isPreview = false, ...asker } = {}) => {
    const start = performance.now();
    const prompted = `${prompt.seriesUid}/${prompt.promptId}`;
    const previewed = `${prompted} preview`;
    newest.get(previewed)?.abort();
    if (!isPreview) newest.get(prompted)?.abort();
    const name = isPreview ? previewed : prompted;
    const controller = new AbortController();
    newest.set(name, controller);
    try {
      const slice = requireSlice(ports.slices, prompt);
      const problem = boxProblem(prompt.box, slice);
      if (problem !== undefined) throw new AppError('box-invalid', problem);
      const { image, window } = windowSlice(slice, prompt.window, series);
      const modelId = prompt.modelId ?? ports.engine.defaultModelId;
      const { box, corrections } = prompt;
      if (corrections) checkPoints(ports.engine, modelId, corrections, image);
      const request: EngineRequest = {
        ...asker,
        modelId,
        image,
        priority: 'prompt',
        signal: signal ? AbortSignal.any([signal, controller.signal]) : controller.signal,
      };
      const mask = await ports.engine.segment({ ...request, box, ...(corrections && { corrections }) });
      return { runs: mask.runs, score: mask.score, window, ...how(ports.engine, modelId, mask, start) };
    } catch (error) {
      throw controller.signal.aborted ? new AppError('superseded') : error;
    } finally {
      if (newest.get(name) === controller) newest.delete(name);
    }
  };
}

/** Points outside of what a model looks at, as far from the box, are no mistake: they change nothing. */
function checkPoints(engine: InferenceEngine, modelId: string, points: Corrections, image: SliceImage): void {
  const model = engine.models().find(({ id }) => id === modelId);
  if (model?.takesPoints === false) throw new AppError('points-invalid', `${model.title} takes boxes only.`);
  const { columns, rows } = image;
  for (const [x, y] of [...points.inside, ...points.outside])
    if (x >= columns || y >= rows)
      throw new AppError(
        'points-invalid',
        `[${String(x)}, ${String(y)}] lies outside the image of ${String(columns)} x ${String(rows)}.`,
      );
}

const how = (engine: InferenceEngine, modelId: string, mask: BoxMask, start: number) => ({
  modelId,
  device: engine.models().find((model) => model.id === modelId)?.device ?? '',
  ms: { queued: mask.queuedMs, inference: mask.inferenceMs, total: performance.now() - start },
});
