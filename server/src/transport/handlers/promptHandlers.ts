import { randomUUID } from 'node:crypto';
import {
  AppError,
  countPixels,
  intersect,
  planeMaskToFrames,
  type Points,
  type PromptRequest,
  type Runs,
  type SegmentAlgorithm,
} from '@ohif-medsam/protocol';
import type { Corrections, PixelPoint } from '../../ports/inferenceEngine.ts';
import type { SliceStore } from '../../ports/sliceStore.ts';
import { planeMaskOf } from '../../propagate/index.ts';
import {
  modelView,
  type BoxResult,
  type CorrectedBox,
  type SegmentFromBox,
  type VisibleSlices,
} from '../../segment/index.ts';
import type { OpenSeries } from '../../series/openSeries.ts';
import type { Documents } from '../../segmentation/index.ts';
import { checkPlane } from '../../series/acceptSlice.ts';
import type { PulledSlices } from '../../series/pullSlices.ts';
import type { SeriesRegistry } from '../../series/seriesRegistry.ts';
import type { Connection } from '../gateway.ts';
import type { Handlers } from '../endpoint.ts';

export interface PromptPorts {
  readonly series: SeriesRegistry;
  readonly slices: SliceStore;
  readonly documents: Documents;
  readonly segmentFromBox: SegmentFromBox;
  readonly visible: VisibleSlices;
  readonly pulled: PulledSlices;
  readonly algorithmOf: (modelId: string | undefined) => SegmentAlgorithm;
  readonly observeSeconds: (seconds: number) => void;
}

type Names = 'prompt:segment' | 'prompt:preview' | 'model:view';

export const promptHandlers = (ports: PromptPorts): Handlers<Connection, Names> => {
  /** The mask that each page was shown last of the box in its hand: let go as it is, that is the answer. */
  const shown = new WeakMap<Connection, { readonly asked: string; readonly result: BoxResult }>();

  /** All that a mask depends on. */
  const asked = ({ seriesUid, promptId, plane, sliceHash, box, corrections, window, modelId }: CorrectedBox): string =>
    JSON.stringify([seriesUid, promptId, plane, sliceHash, box, corrections, window, ports.algorithmOf(modelId)]);

  const maskOf = (request: CorrectedBox, series: OpenSeries, { participant, gone }: Connection, isPreview = false) =>
    ports.segmentFromBox(request, series, { client: participant.id, signal: gone, isPreview });

  /** With the mask that stands under the box: that is what somebody saw who clicked. */
  const correctionsOf = ({ seriesUid, promptId, plane }: PromptRequest, points: Points, series: OpenSeries) => {
    const masks = new Map(
      ports.documents.boxMask(seriesUid, promptId, plane).map(({ frame, runs }) => [frame, runs] as const),
    );
    const mask = planeMaskOf(plane, (frame) => masks.get(frame), series.frameKeys, series);
    return { ...points, ...(mask.length > 0 && { mask }) } satisfies Corrections;
  };

  return {
    'prompt:segment': async (prompt, connection) => {
      const start = performance.now();
      const { id, participant, gone } = connection;
      const { seriesUid, segmentId, promptId, plane, box, points } = prompt;
      const series = ports.series.around(seriesUid, plane);
      const { columns } = checkPlane(series, plane);
      // Of a page that is gone nothing is remembered: nobody would come to forget it.
      if (!gone.aborted) ports.visible.asked(id, seriesUid, prompt.modelId, prompt.window);
      await checkWritable(ports.documents, seriesUid, segmentId);
      const named = await ports.pulled.named(prompt, series, gone);
      const corrected = { ...named, ...(points && { corrections: correctionsOf(named, points, series) }) };
      const last = shown.get(connection);
      const { runs, ...result } =
        last?.asked === asked(corrected) ? last.result : await maskOf(corrected, series, connection);
      const masks = planeMaskToFrames(plane, runs, series.frameKeys, series);
      const algorithm = ports.algorithmOf(result.modelId);
      const prompted = { promptId, segmentId, plane, box, ...(points && { points }) };
      const operation = { kind: 'prompt', ...prompted, masks, algorithm } as const;
      const revision = await ports.documents.apply(seriesUid, participant, randomUUID(), operation);
      const total = performance.now() - start;
      ports.observeSeconds(total / 1000);
      const missedPoints = points ? missed(points, runs, columns) : 0;
      return { ...result, revision, pixels: countPixels(runs), missedPoints, ms: { ...result.ms, total } };
    },
    'prompt:preview': async (preview, connection) => {
      const series = ports.series.around(preview.seriesUid, preview.plane);
      const { columns } = checkPlane(series, preview.plane);
      const named = await ports.pulled.named(preview, series, connection.gone);
      const result = await maskOf(named, series, connection, true);
      shown.set(connection, { asked: asked(named), result });
      return { runs: result.runs, columns };
    },
    'model:view': async (request, { gone }) => {
      const series = ports.series.around(request.seriesUid, request.plane);
      checkPlane(series, request.plane);
      return modelView(ports)(await ports.pulled.named(request, series, gone), series);
    },
  };
};

/** How many points the mask does not follow. @param columns - Of the mask's image. */
function missed({ inside, outside }: Points, runs: Runs, columns: number): number {
  const isCovered = ([x, y]: PixelPoint) => intersect(runs, [y * columns + x, 1]).length > 0;
  return inside.filter((point) => !isCovered(point)).length + outside.filter(isCovered).length;
}

/** Before the model works for nothing. The document decides again when the mask arrives. */
async function checkWritable(documents: Documents, seriesUid: string, segmentId: string): Promise<void> {
  const segment = (await documents.snapshot(seriesUid)).segments.find(({ id }) => id === segmentId);
  if (!segment) throw new AppError('segment-unknown');
  if (segment.review.status === 'approved') throw new AppError('segment-approved');
}
