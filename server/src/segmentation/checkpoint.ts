import { frameKeySchema, idSchema, runsSchema } from '@ohif-medsam/protocol';
import { z } from 'zod';
import { recomputeCells } from './cells.ts';
import { foldLayers, type Layer } from './layers.ts';
import { listsOf } from './lists.ts';
import { loggedOperationSchema, savedSchema, segmentSchema } from './operations.ts';
import type { Cells, CellState, DocumentState } from './state.ts';

/** A document as it is kept. The layers of operations in the log are not written: the operations hold them. */
const checkpointSchema = z.object({
  version: z.literal(1),
  revision: z.int().min(0),
  nextNumber: z.int().min(1),
  usedIds: z.array(idSchema),
  base: z.object({ segments: z.array(segmentSchema), saved: savedSchema.nullable() }),
  log: z.array(
    z.object({
      revision: z.int().min(1),
      operationId: idSchema,
      author: z.string(),
      operation: loggedOperationSchema,
      undone: z.boolean(),
      settled: z.boolean(),
    }),
  ),
  accepted: z.array(z.tuple([z.string(), z.int()])),
  settledLayers: z.array(
    z.object({
      segmentId: idSchema,
      frame: frameKeySchema,
      layers: z.array(
        z.object({ order: z.int(), add: runsSchema, remove: runsSchema, byHand: z.literal(true).exactOptional() }),
      ),
    }),
  ),
});

/** The state as JSON. */
export function toCheckpoint(state: DocumentState): z.input<typeof checkpointSchema> {
  const settledLayers = [...state.cells].flatMap(([segmentId, frames]) =>
    [...frames].flatMap(([frame, { layers }]) => {
      const settled = layers.filter(({ source }) => source === 'settled');
      return settled.length === 0 ? [] : [{ segmentId, frame, layers: settled.map(asWritten) }];
    }),
  );
  const { revision, nextNumber, usedIds, base, log, accepted } = state;
  return {
    version: 1,
    revision,
    nextNumber,
    usedIds: [...usedIds],
    base: { segments: [...base.segments], saved: base.saved },
    log: [...log],
    accepted: [...accepted],
    settledLayers,
  };
}

const asWritten = ({ order, add, remove, byHand }: Layer) => ({ order, add, remove, ...(byHand && { byHand }) });

/** The state that {@link toCheckpoint} wrote. @throws z.ZodError if it is something else. */
export function fromCheckpoint(json: unknown): DocumentState {
  const { settledLayers, accepted, revision, nextNumber, usedIds, base, log } = checkpointSchema.parse(json);
  const cells = new Map<string, Map<string, CellState>>();
  for (const { segmentId, frame, layers } of settledLayers) {
    const settled = layers.map((layer) => ({ ...layer, source: 'settled' as const }));
    const segment = cells.get(segmentId) ?? new Map<string, CellState>();
    cells.set(segmentId, segment.set(frame, { layers: settled, runs: foldLayers(settled) }));
  }
  return {
    revision,
    nextNumber,
    usedIds: new Set(usedIds),
    base,
    log,
    accepted: new Map(accepted),
    cells: recomputeCells(cells satisfies Cells, [], log),
    ...listsOf(base, log),
  };
}
