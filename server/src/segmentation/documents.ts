import {
  AppError,
  frameKeyOf,
  type DocumentChanged,
  type DocumentSnapshot,
  type FrameKey,
  type FrameMask,
  type Plane,
  type SavedAs,
  type SeriesFrame,
} from '@ohif-medsam/protocol';
import { boxMaskOf } from './boxMask.ts';
import { propagationsOf, type StandingPropagation } from './propagationsOf.ts';
import { openDocument, type DocumentPorts, type LiveDocument } from './liveDocument.ts';
import { openingOf } from './log.ts';
import type { Operation } from './operations.ts';
import type { Author } from './resolve.ts';
import { segmentNow, type SegmentNow } from './segmentNow.ts';
import { EMPTY_DOCUMENT } from './state.ts';
import { unfinishedPropagations, type UnfinishedPropagation } from './unfinished.ts';

export interface SeriesShape {
  readonly seriesUid: string;
  readonly frames: readonly Pick<SeriesFrame, 'sopInstanceUid' | 'frameNumber' | 'rows' | 'columns'>[];
}

export interface DocumentsSettings extends Pick<DocumentPorts, 'store' | 'clock' | 'uuid'> {
  readonly stepsPerCheckpoint?: number;
  /** Documents that stay in memory although nobody has them open. */
  readonly idleDocuments?: number;
}

/**
 * The segmentation documents of all series. What is asked of a series that nobody opened ends with AppError `series-unknown`;
 * a repeated operation id gives the revision of the first time and changes nothing.
 */
export interface Documents {
  /** Every open that succeeds needs its {@link Documents.close}. */
  open(series: SeriesShape): Promise<DocumentSnapshot>;
  /** Tells of frames that no viewer has announced: a stored segmentation may lie in them. Of a document that is open. */
  announce(series: SeriesShape): void;
  close(seriesUid: string): void;
  /** Work that goes on when everybody has left the series: its document stays in memory for so long. */
  hold<T>(seriesUid: string, work: () => Promise<T>): Promise<T>;
  snapshot(seriesUid: string): Promise<DocumentSnapshot>;
  /** The same after every step that was asked for before, also those that are being stored. */
  settled(seriesUid: string): Promise<DocumentSnapshot>;
  /** A segment of a document that is open, as of this moment. */
  segmentNow(seriesUid: string, segmentId: string): SegmentNow;
  /** Of a document that is open, as of this moment: the mask that a box on this plane made by itself. */
  boxMask(seriesUid: string, promptId: string, plane: Plane): readonly FrameMask[];
  /** Of a document that is open, as of this moment. */
  unfinished(seriesUid: string): readonly UnfinishedPropagation[];
  /** The propagations of a segment that stand, after every step that was asked for before. */
  propagations(seriesUid: string, segmentId: string): Promise<readonly StandingPropagation[]>;
  /** @returns The revision at which the operation was accepted. */
  apply(seriesUid: string, author: Author, operationId: string, operation: Operation): Promise<number>;
  undo(seriesUid: string, author: Author, operationId: string): Promise<number>;
  redo(seriesUid: string, author: Author, operationId: string): Promise<number>;
  /**
   * What a save stores, after every step that was asked for before, and the opening that it rests on: that may be undone before the
   * save is noted.
   */
  toSave(seriesUid: string): Promise<{ readonly document: DocumentSnapshot; readonly opening: number }>;
  /** Notes that the content of `saved.revision`, as of this opening, stands in the archive. */
  markSaved(seriesUid: string, author: Author, operationId: string, saved: SavedAs, opening: number): Promise<number>;
  /** @returns How to stop listening. */
  onChanged(listener: (change: DocumentChanged) => void): () => void;
}

interface Shelf {
  readonly document: Promise<LiveDocument>;
  /** rows * columns of each. Grows: a viewer may announce one series in several stacks, one after the other. */
  readonly frames: Map<FrameKey, number>;
  users: number;
}

export function keepDocuments(settings: DocumentsSettings): Documents {
  const { stepsPerCheckpoint = 200, idleDocuments = 8, ...ports } = settings;
  /** The one that was used last stands last. */
  const shelves = new Map<string, Shelf & { ready?: LiveDocument }>();
  const listeners = new Set<(change: DocumentChanged) => void>();
  const onChanged = (change: DocumentChanged) => listeners.forEach((listen) => listen(change));

  function shelf(seriesUid: string) {
    const found = shelves.get(seriesUid);
    if (!found) throw new AppError('series-unknown');
    return found;
  }

  function load(seriesUid: string) {
    const frames = new Map<FrameKey, number>();
    const document = openDocument(seriesUid, frames, { ...ports, onChanged, stepsPerCheckpoint });
    const made: Shelf & { ready?: LiveDocument } = { document, frames, users: 0 };
    shelves.set(seriesUid, made);
    document.then(
      (ready) => (made.ready = ready),
      () => shelves.delete(seriesUid),
    );
    return made;
  }

  /** Lets go of the documents that were idle for longest. One that is still at work stays: two would write the same journal. */
  function trim(): void {
    const idle = [...shelves].filter(([, { users, ready }]) => users === 0 && ready && !ready.busy());
    for (const [seriesUid] of idle.slice(0, Math.max(0, idle.length - idleDocuments))) shelves.delete(seriesUid);
  }

  const stateNow = (seriesUid: string) => shelf(seriesUid).ready?.state() ?? EMPTY_DOCUMENT;

  const documents: Documents = {
    async open(series) {
      const opened = shelves.get(series.seriesUid) ?? load(series.seriesUid);
      documents.announce(series);
      opened.users++;
      return (await opened.document).snapshot();
    },
    announce({ seriesUid, frames }) {
      const known = shelf(seriesUid).frames;
      for (const frame of frames) known.set(frameKeyOf(frame), frame.rows * frame.columns);
    },
    close(seriesUid) {
      const left = shelves.get(seriesUid);
      if (!left) return;
      left.users = Math.max(0, left.users - 1);
      shelves.delete(seriesUid);
      shelves.set(seriesUid, left);
      trim();
    },
    async hold(seriesUid, work) {
      shelf(seriesUid).users++;
      return work().finally(() => documents.close(seriesUid));
    },
    snapshot: async (seriesUid) => (await shelf(seriesUid).document).snapshot(),
    settled: async (seriesUid) => (await shelf(seriesUid).document).settled(),
    segmentNow: (seriesUid, segmentId) => segmentNow(stateNow(seriesUid), segmentId),
    boxMask: (seriesUid, promptId, plane) => boxMaskOf(stateNow(seriesUid), promptId, plane),
    unfinished: (seriesUid) => unfinishedPropagations(stateNow(seriesUid)),
    propagations: async (seriesUid, segmentId) => {
      const document = await shelf(seriesUid).document;
      await document.settled();
      return propagationsOf(document.state(), segmentId);
    },
    apply: async (seriesUid, author, operationId, operation) =>
      (await shelf(seriesUid).document).apply(author, operationId, operation),
    undo: async (seriesUid, author, operationId) => (await shelf(seriesUid).document).step(author, operationId, 'undo'),
    redo: async (seriesUid, author, operationId) => (await shelf(seriesUid).document).step(author, operationId, 'redo'),
    toSave: async (seriesUid) => {
      const document = await shelf(seriesUid).document;
      await document.settled();
      return { document: document.snapshot(), opening: openingOf(document.state().log) };
    },
    markSaved: (seriesUid, author, operationId, saved, opening) =>
      documents.apply(seriesUid, author, operationId, { kind: 'saved', saved, opening }),
    onChanged(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return documents;
}
