import type {
  ClientOperation,
  Coding,
  Color,
  ModelInfo,
  Plane,
  PropagationStart,
  WindowChoice,
} from '@ohif-medsam/protocol';
import { createAdmission } from './admission.ts';
import { createArchiveActions } from './archiveActions.ts';
import { createBoxActions } from './boxActions.ts';
import { termsOf } from './models.ts';
import type { Notices, Server, Slices } from './ports.ts';
import type { Store } from './store.ts';
import { MOST_SEGMENTS, TOO_MANY_SEGMENTS } from './slots.ts';
import type { LabelEdit } from './labels.ts';
import { colorFor, TISSUE } from './newSegment.ts';
import { nextToLookAt } from './sliceStrip.ts';
import type { HistoryStep } from './stepOrder.ts';
import { createTelling } from './telling.ts';
import { ownWindow, windowNow } from './windows.ts';

interface Ports {
  readonly store: Store;
  readonly server: Server;
  readonly slices: Slices;
  readonly notices: Notices;
  readonly newId: () => string;
  /** Sends what was painted a moment ago: a step that follows it must find it there. */
  readonly takePaint: () => void;
  /** Whether the next step of history is one of the document's. */
  readonly isDocuments: (step: HistoryStep) => boolean;
  /** Has the viewer's brush paint in the document again, where it went to another segmentation. */
  readonly takeBrush: () => void;
  /** Brings a plane of the series into view. */
  readonly show: (plane: Plane) => void;
}

/** Longest side, in pixels, of a picture that is asked for only to learn its window. */
const SMALLEST_LOOK = 16;

export type Actions = ReturnType<typeof createActions>;

/** What a user can do. Nothing here throws: what fails is told, with what to do about it. */
export function createActions({
  store,
  server,
  slices,
  notices,
  newId,
  takePaint,
  isDocuments,
  takeBrush,
  show,
}: Ports) {
  /** Of the series in view; a step that waits in between keeps the one it began with. */
  const seriesUid = () => store.getState().series?.seriesUid ?? '';

  const { mayPrompt, mayUseModel } = createAdmission({ store, notices });

  const setVisible = (segmentIds: readonly string[], visible: boolean) =>
    store.dispatch({ kind: 'segment-visibility', segmentIds, visible });
  /** Nothing is changed that one does not see. */
  const reveal = (...segmentIds: readonly string[]) => setVisible(segmentIds, true);

  /** Strokes on their way to the document. */
  const strokes = new Set<Promise<unknown>>();

  /** @param strokeId - Of the stroke that the edits are a part of, if it is told while it is drawn. */
  async function paint(edits: LabelEdit[], strokeId?: string): Promise<boolean> {
    const operation = { kind: 'mask:edit', edits, ...(strokeId === undefined ? {} : { strokeId }) } as const;
    const stroke = apply('Painting not taken over', operation);
    strokes.add(stroke);
    const taken = (await stroke) !== undefined;
    strokes.delete(stroke);
    // Not before: until it is in the document, a segment that appears would be drawn without it.
    if (taken) reveal(...edits.map(({ segmentId }) => segmentId));
    return taken;
  }

  /** What was painted until now is in the document: what reads the document there must find it. */
  async function paintTaken(): Promise<void> {
    takePaint();
    await Promise.all(strokes);
  }

  /** Whether a step of history is the document's to take; else it is the viewer's own, as of its measurements. */
  function owns(step: HistoryStep): boolean {
    if (!store.getState().document) return false;
    takePaint();
    return strokes.size > 0 || isDocuments(step);
  }

  const telling = createTelling(notices);

  const apply = (title: string, operation: ClientOperation, series = seriesUid()) =>
    telling(title, () => server.request('document:apply', { seriesUid: series, operationId: newId(), operation }));

  async function addSegment(label?: string, coding: Coding = TISSUE): Promise<string | undefined> {
    const series = seriesUid();
    const segments = store.getState().document?.segments ?? [];
    const number = Math.max(0, ...segments.map((s) => s.number)) + 1;
    const segmentId = newId();
    const operation = {
      kind: 'segment:add',
      segmentId,
      label: label ?? `Segment ${String(number)}`,
      color: colorFor(number),
      coding,
    } as const;
    if (segments.length >= MOST_SEGMENTS) {
      notices.error('Segment not added', TOO_MANY_SEGMENTS);
      return undefined;
    }
    if ((await apply('Segment not added', operation, series)) === undefined) return undefined;
    if (series === seriesUid()) choose(segmentId);
    return segmentId;
  }

  function choose(segmentId: string): void {
    store.dispatch({ kind: 'segment-activated', segmentId });
    takeBrush();
  }

  /** The segment that the first boxes of a series make for themselves: one, however fast they come. */
  const adding = new Map<string, Promise<string | undefined>>();
  function firstSegment(series: string): Promise<string | undefined> {
    const added = adding.get(series) ?? addSegment().finally(() => adding.delete(series));
    adding.set(series, added);
    return added;
  }

  /** @returns Its id, if it started. */
  async function propagate(
    segmentId: string,
    plane: Plane,
    direction: PropagationStart['direction'],
    range: Pick<PropagationStart, 'reach' | 'reachMm'>,
  ): Promise<string | undefined> {
    if (!mayUseModel()) return undefined;
    const series = seriesUid();
    const propagationId = newId();
    reveal(segmentId);
    const answer = await telling('Propagation not started', async () => {
      await paintTaken();
      const { window, modelId } = store.getState();
      return slices.using(plane, (sliceHash) =>
        server.request('propagation:start', {
          seriesUid: series,
          propagationId,
          segmentId,
          plane,
          sliceHash,
          direction,
          window,
          ...range,
          ...(modelId === null ? {} : { modelId }),
        }),
      );
    });
    return answer === undefined ? undefined : propagationId;
  }

  const steering =
    (name: 'propagation:cancel' | 'propagation:pause' | 'propagation:resume', title: string) =>
    (propagationId: string) =>
      telling(title, () => server.request(name, { seriesUid: seriesUid(), propagationId }));

  /** Goes to the next slice of the active segment that needs a look; with that it has got one. */
  function lookAt(way: 'next' | 'previous'): void {
    const slice = nextToLookAt(store.getState(), way);
    if (!slice?.provenance)
      return notices.info('Nothing to look at', 'No propagated mask of this segment needs a look.');
    store.dispatch({ kind: 'reviewed', provenance: slice.provenance });
    show(slice.plane);
  }

  async function look(size: number): Promise<void> {
    const { series, plane, window } = store.getState();
    if (!series || !plane) return;
    const view = await telling('No picture of what the model sees', () =>
      slices.using(plane, (sliceHash) =>
        server.request('model:view', { seriesUid: series.seriesUid, plane, sliceHash, window, size }),
      ),
    );
    // Answers come in any order: only that of what is in view now is its picture.
    const now = store.getState();
    if (now.series !== series || now.plane !== plane || now.window !== window) return;
    store.dispatch({ kind: 'model-view', view: view ?? null });
  }

  /** Begins a window of one's own with the one in use; where the pixels decide over that, the server is asked. */
  async function chooseOwnWindow(): Promise<void> {
    if (!windowNow(store.getState())) await look(SMALLEST_LOOK);
    const now = windowNow(store.getState());
    if (!now) return notices.info('No window', 'These images are shown to the model as they are.');
    store.dispatch({ kind: 'window-chosen', window: ownWindow(now) });
  }

  return {
    addSegment,
    mayUseModel,
    mayPrompt,
    ...createBoxActions({ store, server, slices, notices, apply, reveal, firstSegment }),
    propagate,
    ...createArchiveActions({ store, server, notices, paintTaken }),
    look,
    chooseOwnWindow,
    apply,
    lookAt,
    show,
    cancelPropagation: steering('propagation:cancel', 'Propagation not cancelled'),
    pausePropagation: steering('propagation:pause', 'Propagation not paused'),
    resumePropagation: steering('propagation:resume', 'Propagation not resumed'),
    updateSegment: (segmentId: string, change: { label?: string; color?: Color; coding?: Coding }) =>
      apply('Segment not changed', { kind: 'segment:update', segmentId, ...change }),
    deleteSegment: (segmentId: string) => apply('Segment not deleted', { kind: 'segment:delete', segmentId }),
    review: (segmentId: string, status: 'draft' | 'needs-change' | 'approved', comment?: string) =>
      apply('Review not recorded', {
        kind: 'segment:review',
        segmentId,
        status,
        ...(comment === undefined ? {} : { comment }),
      }),
    /** @returns Whether the document took it. */
    paint,
    owns,
    undo: () => {
      takePaint();
      return telling('Nothing undone', () =>
        server.request('document:undo', { seriesUid: seriesUid(), operationId: newId() }),
      );
    },
    redo: () => {
      takePaint();
      return telling('Nothing redone', () =>
        server.request('document:redo', { seriesUid: seriesUid(), operationId: newId() }),
      );
    },
    chooseWindow: (window: WindowChoice) => store.dispatch({ kind: 'window-chosen', window }),
    chooseModel: (modelId: string) => store.dispatch({ kind: 'model-chosen', modelId }),
    acceptTerms: (model: ModelInfo) => store.dispatch({ kind: 'terms-accepted', terms: [termsOf(model)] }),
    activate: (segmentId: string) => {
      choose(segmentId);
      if (store.getState().activeSegmentId !== segmentId) notices.error('Segment not shown', TOO_MANY_SEGMENTS);
    },
    setVisible,
    follow: (participantId: string | null) => store.dispatch({ kind: 'following', participantId }),
  };
}
