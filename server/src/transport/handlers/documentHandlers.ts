import type { Documents } from '../../segmentation/index.ts';
import type { Connection } from '../gateway.ts';
import type { Handlers } from '../endpoint.ts';

type Names = 'document:apply' | 'document:undo' | 'document:redo';

export const documentHandlers = ({ documents }: { readonly documents: Documents }): Handlers<Connection, Names> => ({
  'document:apply': async ({ seriesUid, operationId, operation }, { participant }) => ({
    revision: await documents.apply(seriesUid, participant, operationId, operation),
  }),
  'document:undo': async ({ seriesUid, operationId }, { participant }) => ({
    revision: await documents.undo(seriesUid, participant, operationId),
  }),
  'document:redo': async ({ seriesUid, operationId }, { participant }) => ({
    revision: await documents.redo(seriesUid, participant, operationId),
  }),
});
