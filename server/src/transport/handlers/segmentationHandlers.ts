import { randomUUID } from 'node:crypto';
import type { OpenedSegmentation } from '../../dicomSeg/index.ts';
import type { SaveAnswer, StoredSegmentation } from '@ohif-medsam/protocol';
import type { SeriesName } from '../../ports/archive.ts';
import type { SaveRequest } from '../../dicomSeg/index.ts';
import type { Documents } from '../../segmentation/index.ts';
import type { SeriesRegistry } from '../../series/seriesRegistry.ts';
import type { Connection } from '../gateway.ts';
import type { Handlers } from '../endpoint.ts';

type Names = 'segmentation:save' | 'segmentation:open' | 'segmentation:list';

export interface SegmentationPorts {
  readonly series: SeriesRegistry;
  readonly documents: Documents;
  readonly save: (request: SaveRequest) => Promise<SaveAnswer>;
  readonly open: (
    series: SeriesName,
    name: { readonly segSeriesUid: string; readonly sopInstanceUid: string },
  ) => Promise<OpenedSegmentation>;
  readonly list: (series: SeriesName) => Promise<readonly StoredSegmentation[]>;
}

/** A save is not cancelled when its page is gone: half a save helps nobody, and repeating it is harmless. */
export const segmentationHandlers = ({
  series,
  documents,
  save,
  open,
  list,
}: SegmentationPorts): Handlers<Connection, Names> => ({
  'segmentation:save': async ({ seriesUid, description }, { participant }) => {
    const document = await documents.snapshot(seriesUid);
    const answer = await save({ series: series.get(seriesUid), document, description, creator: participant.name });
    const { revision, segSeriesUid, sopInstanceUid, instanceNumber } = answer;
    const saved = { revision, segSeriesUid, sopInstanceUid, instanceNumber };
    await documents.markSaved(seriesUid, participant, randomUUID(), saved);
    return answer;
  },
  'segmentation:open': async ({ seriesUid, segSeriesUid, sopInstanceUid }, { participant }) => {
    const opened = await open(series.get(seriesUid), { segSeriesUid, sopInstanceUid });
    return { revision: await documents.apply(seriesUid, participant, randomUUID(), { kind: 'load', ...opened }) };
  },
  'segmentation:list': ({ seriesUid }) => list(series.get(seriesUid)),
});
