import { randomUUID } from 'node:crypto';
import { AppError, countPixels, planeMaskToFrames, type SegmentAlgorithm } from '@ohif-medsam/protocol';
import type { SliceStore } from '../../ports/sliceStore.ts';
import { modelView, type SegmentFromBox, type VisibleSlices } from '../../segment/index.ts';
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

export const promptHandlers = (
  ports: PromptPorts,
): Handlers<Connection, 'prompt:segment' | 'prompt:preview' | 'model:view'> => ({
  'prompt:segment': async (prompt, { id, participant, gone }) => {
    const start = performance.now();
    const { seriesUid, segmentId, promptId, plane, box } = prompt;
    const series = ports.series.get(seriesUid);
    checkPlane(series, plane);
    // Of a page that is gone nothing is remembered: nobody would come to forget it.
    if (!gone.aborted) ports.visible.asked(id, seriesUid, prompt.modelId, prompt.window);
    await checkWritable(ports.documents, seriesUid, segmentId);
    const { runs, ...result } = await ports.segmentFromBox(await ports.pulled.named(prompt, series), series, {
      client: participant.id,
      signal: gone,
    });
    const masks = planeMaskToFrames(plane, runs, series.frameKeys, series);
    const algorithm = ports.algorithmOf(result.modelId);
    const operation = { kind: 'prompt', promptId, segmentId, plane, box, masks, algorithm } as const;
    const revision = await ports.documents.apply(seriesUid, participant, randomUUID(), operation);
    const total = performance.now() - start;
    ports.observeSeconds(total / 1000);
    return { ...result, revision, pixels: countPixels(runs), ms: { ...result.ms, total } };
  },
  'prompt:preview': async (preview, { participant, gone }) => {
    const series = ports.series.get(preview.seriesUid);
    const { columns } = checkPlane(series, preview.plane);
    const { runs } = await ports.segmentFromBox(await ports.pulled.named(preview, series), series, {
      client: participant.id,
      signal: gone,
    });
    return { runs, columns };
  },
  'model:view': async (request) => {
    const series = ports.series.get(request.seriesUid);
    checkPlane(series, request.plane);
    return modelView(ports)(await ports.pulled.named(request, series), series);
  },
});

/** Before the model works for nothing. The document decides again when the mask arrives. */
async function checkWritable(documents: Documents, seriesUid: string, segmentId: string): Promise<void> {
  const segment = (await documents.snapshot(seriesUid)).segments.find(({ id }) => id === segmentId);
  if (!segment) throw new AppError('segment-unknown');
  if (segment.review.status === 'approved') throw new AppError('segment-approved');
}
