import { AppError, LIMITS, planeKeyOf, type FrameKey, type Runs } from '@ohif-medsam/protocol';
import { layersOf } from './cells.ts';
import { propagationName, segmentsMadeBy } from './commit.ts';
import { propagationEntry } from './grow.ts';
import { nextRedo, nextUndo, rivalsOf, standing, type LogEntry } from './log.ts';
import type { Operation } from './operations.ts';
import type { DocumentState } from './state.ts';

/** The frames that a document's masks lie in, with rows * columns of each: images of one series may differ in size. */
export type FramePixels = ReadonlyMap<FrameKey, number>;

/**
 * Decides whether an operation may be applied now.
 * @param author - Participant id.
 * @throws AppError `segment-unknown`, `segment-approved`, `operation-invalid`, `propagation-unknown`.
 */
export function checkOperation(state: DocumentState, frames: FramePixels, author: string, operation: Operation): void {
  switch (operation.kind) {
    case 'segment:add':
      checkNewIds(state, [operation.segmentId]);
      return checkSegmentCount(state.segments.length + 1);
    case 'segment:update':
    case 'segment:delete':
      return checkWritable(state, operation.segmentId);
    case 'segment:review':
      return checkExists(state, operation.segmentId);
    case 'mask:edit':
      for (const { segmentId, frame, add, remove } of operation.edits) {
        checkWritable(state, segmentId);
        checkMask(frames, frame, add);
        checkMask(frames, frame, remove);
      }
      return;
    case 'prompt':
      checkWritable(state, operation.segmentId);
      checkPromptRivals(state, operation.promptId);
      checkPromptCount(state, operation.promptId);
      return operation.masks.forEach(({ frame, runs }) => checkMask(frames, frame, runs));
    case 'prompt:delete':
      if (!state.prompts.some(({ promptId }) => promptId === operation.promptId))
        throw new AppError('operation-invalid', 'There is no such box.');
      return checkPromptRivals(state, operation.promptId);
    case 'propagation':
      checkWritable(state, operation.segmentId);
      checkGrowing(state, author, operation);
      for (const { masks } of [operation, ...(operation.cleared ?? [])])
        for (const { frame, runs } of masks) checkMask(frames, frame, runs);
      return;
    case 'load': {
      for (const { id } of state.segments) checkWritable(state, id);
      const ids = operation.segments.map(({ id }) => id);
      checkNewIds(state, ids);
      checkSegmentCount(ids.length);
      for (const { segmentId, frame, runs } of operation.cells) {
        if (!ids.includes(segmentId)) throw new AppError('operation-invalid', 'A mask belongs to no segment.');
        checkMask(frames, frame, runs);
      }
      return;
    }
    case 'saved':
      if (operation.saved.revision > state.revision)
        throw new AppError('operation-invalid', `Revision ${String(operation.saved.revision)} does not exist yet.`);
  }
}

/**
 * Decides whether a participant's step may be taken back or done again.
 * @throws AppError `nothing-to-undo`; `segment-approved` if it would change an approved segment.
 */
export function checkHistory(state: DocumentState, author: string, step: 'undo' | 'redo'): void {
  const entry = step === 'undo' ? nextUndo(state.log, author) : nextRedo(state.log, author);
  if (!entry) throw new AppError('nothing-to-undo');
  const touched = new Set(rivalsOf(state.log, entry).flatMap(segmentsOf));
  // A load that is done again hides what was there before it.
  if (entry.operation.kind === 'load' && step === 'redo') {
    const later = new Set(state.log.filter(({ revision }) => revision > entry.revision).flatMap(segmentsIn));
    for (const { id } of state.segments) if (!later.has(id)) touched.add(id);
  }
  for (const { id, review } of state.segments)
    if (touched.has(id) && review.status === 'approved') throw approved(state, id);
}

const segmentsIn = ({ operation }: LogEntry): string[] => segmentsMadeBy(operation).map(({ id }) => id);

function segmentsOf(entry: LogEntry): string[] {
  const { operation: o } = entry;
  if (o.kind === 'segment:add' || o.kind === 'load') return segmentsIn(entry);
  if ('segmentId' in o) return [o.segmentId];
  return layersOf(entry).map(({ segmentId }) => segmentId);
}

const approved = (state: DocumentState, segmentId: string): AppError =>
  new AppError(
    'segment-approved',
    `It is segment ${String(state.segments.find(({ id }) => id === segmentId)?.number)}.`,
  );

function checkExists(state: DocumentState, segmentId: string): void {
  if (!state.segments.some(({ id }) => id === segmentId)) throw new AppError('segment-unknown');
}

function checkWritable(state: DocumentState, segmentId: string): void {
  checkExists(state, segmentId);
  if (state.segments.find(({ id }) => id === segmentId)?.review.status === 'approved') throw approved(state, segmentId);
}

/** A box that moves from one segment to another changes both. */
function checkPromptRivals(state: DocumentState, promptId: string): void {
  const stands = state.prompts.find((prompt) => prompt.promptId === promptId);
  if (stands) checkWritable(state, stands.segmentId);
}

function checkPromptCount({ prompts }: DocumentState, promptId: string): void {
  if (prompts.length >= LIMITS.promptsPerDocument && !prompts.some((prompt) => prompt.promptId === promptId))
    throw new AppError('operation-invalid', `A document holds at most ${String(LIMITS.promptsPerDocument)} boxes.`);
}

function checkGrowing(state: DocumentState, author: string, operation: Operation & { kind: 'propagation' }): void {
  const entry = propagationEntry(state.log, operation.propagationId);
  const known = state.accepted.has(propagationName(operation.propagationId));
  if (entry?.operation.kind !== 'propagation' || entry.settled || !standing(state.log).includes(entry)) {
    if (entry || known) throw new AppError('propagation-unknown', 'It was undone or replaced.');
    return;
  }
  const { segmentId, plane } = entry.operation;
  const same = segmentId === operation.segmentId && planeKeyOf(plane) === planeKeyOf(operation.plane);
  if (!same || entry.author !== author) throw new AppError('operation-invalid', 'The propagation id is taken.');
}

function checkNewIds(state: DocumentState, ids: readonly string[]): void {
  for (const [at, id] of ids.entries())
    if (state.usedIds.has(id) || ids.indexOf(id) !== at)
      throw new AppError('operation-invalid', 'The segment id is taken.');
}

function checkSegmentCount(count: number): void {
  if (count > LIMITS.segments)
    throw new AppError('operation-invalid', `A document holds at most ${String(LIMITS.segments)} segments.`);
}

function checkMask(frames: FramePixels, frame: FrameKey, runs: Runs): void {
  const pixels = frames.get(frame);
  if (pixels === undefined) throw new AppError('operation-invalid', `The series has no frame ${frame}.`);
  const end = (runs.at(-2) ?? 0) + (runs.at(-1) ?? 0);
  if (end > pixels)
    throw new AppError('operation-invalid', `A mask ends at pixel ${String(end)} of ${String(pixels)}.`);
}
