import { randomUUID } from 'node:crypto';
import { AppError, type SaveAnswer, type StoredSegmentations } from '@ohif-medsam/protocol';
import type { OpenedSegmentation } from '../../dicomSeg/index.ts';
import type { SeriesName } from '../../ports/archive.ts';
import type { SaveRequest } from '../../dicomSeg/index.ts';
import type { Documents } from '../../segmentation/index.ts';
import type { SeriesRegistry } from '../../series/seriesRegistry.ts';
import type { Connection } from '../gateway.ts';
import type { Handlers } from '../endpoint.ts';
import { Turns } from '../turns.ts';

type Names = 'segmentation:save' | 'segmentation:open' | 'segmentation:list';

export interface SegmentationPorts {
  readonly series: SeriesRegistry;
  readonly documents: Documents;
  readonly save: (request: SaveRequest) => Promise<SaveAnswer>;
  readonly open: (
    series: SeriesName,
    name: { readonly segSeriesUid: string; readonly sopInstanceUid: string },
    signal: AbortSignal,
  ) => Promise<OpenedSegmentation>;
  readonly list: (series: SeriesName) => Promise<StoredSegmentations>;
}

interface FinishedSave {
  readonly answer: SaveAnswer;
  readonly description: string;
  /** Of the document, once the place of the save was noted in it. */
  readonly revision: number;
}

/**
 * One save or opening of a series at a time: two saves at once would both follow the same predecessor, under one instance number, and
 * what was opened during a save would be taken for what was saved. Who asked for the same save while it was being stored gets its answer.
 * A save is not cancelled when its page is gone: half a save helps nobody, and repeating it is harmless. An opening is: others would
 * see their document replaced for nobody.
 */
export const segmentationHandlers = ({
  series,
  documents,
  save,
  open,
  list,
}: SegmentationPorts): Handlers<Connection, Names> => {
  const turns = new Turns();
  const newest = new Map<string, FinishedSave>();

  return {
    'segmentation:save': ({ seriesUid, description }, { participant }) => {
      const source = series.get(seriesUid);
      const before = newest.get(seriesUid);
      const saving = async () => {
        const { document, opening } = await documents.toSave(seriesUid);
        const meanwhile = newest.get(seriesUid);
        const isSame = meanwhile?.description === description && meanwhile.revision === document.revision;
        if (isSame && meanwhile !== before) return meanwhile.answer;
        const answer = await save({ series: source, document, description, creator: participant.name });
        const { revision, segSeriesUid, sopInstanceUid, instanceNumber } = answer;
        const saved = { revision, segSeriesUid, sopInstanceUid, instanceNumber };
        const noted = await documents.markSaved(seriesUid, participant, randomUUID(), saved, opening);
        newest.set(seriesUid, { answer, description, revision: noted });
        return answer;
      };
      return documents.hold(seriesUid, () => turns.take(seriesUid, saving));
    },
    'segmentation:open': ({ seriesUid, segSeriesUid, sopInstanceUid }, { participant, gone }) => {
      const source = series.get(seriesUid);
      const opening = async () => {
        if (gone.aborted) throw new AppError('cancelled');
        const { frames, ...opened } = await open(source, { segSeriesUid, sopInstanceUid }, gone);
        documents.announce({ seriesUid, frames });
        return { revision: await documents.apply(seriesUid, participant, randomUUID(), { kind: 'load', ...opened }) };
      };
      return documents.hold(seriesUid, () => turns.take(seriesUid, opening));
    },
    'segmentation:list': ({ seriesUid }) => list(series.get(seriesUid)),
  };
};
