import { randomUUID } from 'node:crypto';
import {
  AppError,
  countPixels,
  planeMaskToFrames,
  type PreviewRequest,
  type SegmentAlgorithm,
} from '@ohif-medsam/protocol';
import type { SliceStore } from '../../ports/sliceStore.ts';
import { modelView, type BoxResult, type SegmentFromBox, type VisibleSlices } from '../../segment/index.ts';
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
  const asked = ({ seriesUid, promptId, plane, sliceHash, box, window, modelId }: PreviewRequest): string =>
    JSON.stringify([seriesUid, promptId, plane, sliceHash, box, window, ports.algorithmOf(modelId)]);

  const maskOf = (request: PreviewRequest, series: OpenSeries, { participant, gone }: Connection, isPreview = false) =>
    ports.segmentFromBox(request, series, { client: participant.id, signal: gone, isPreview });

  return {
    'prompt:segment': async (prompt, connection) => {
      const start = performance.now();
      const { id, participant, gone } = connection;
      const { seriesUid, segmentId, promptId, plane, box } = prompt;
      const series = ports.series.around(seriesUid, plane);
      checkPlane(series, plane);
      // Of a page that is gone nothing is remembered: nobody would come to forget it.
      if (!gone.aborted) ports.visible.asked(id, seriesUid, prompt.modelId, prompt.window);
      await checkWritable(ports.documents, seriesUid, segmentId);
      const named = await ports.pulled.named(prompt, series, gone);
      const last = shown.get(connection);
      const { runs, ...result } = last?.asked === asked(named) ? last.result : await maskOf(named, series, connection);
      const masks = planeMaskToFrames(plane, runs, series.frameKeys, series);
      const algorithm = ports.algorithmOf(result.modelId);
      const operation = { kind: 'prompt', promptId, segmentId, plane, box, masks, algorithm } as const;
      const revision = await ports.documents.apply(seriesUid, participant, randomUUID(), operation);
      const total = performance.now() - start;
      ports.observeSeconds(total / 1000);
      return { ...result, revision, pixels: countPixels(runs), ms: { ...result.ms, total } };
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

/** Before the model works for nothing. The document decides again when the mask arrives. */
async function checkWritable(documents: Documents, seriesUid: string, segmentId: string): Promise<void> {
  const segment = (await documents.snapshot(seriesUid)).segments.find(({ id }) => id === segmentId);
  if (!segment) throw new AppError('segment-unknown');
  if (segment.review.status === 'approved') throw new AppError('segment-approved');
}
