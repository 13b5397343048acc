import {
  frameKeyOf,
  type DocumentChanged,
  type ModelInfo,
  type ModelsChanged,
  type ModelView,
  type Participant,
  type Plane,
  type PromptAnswer,
  type PropagationEnded,
  type PropagationProgress,
  type Provenance,
  type SeriesFrame,
  type SeriesOpen,
  type SeriesOpened,
  type StoredSegmentations,
  type WindowChoice,
} from '@ohif-medsam/protocol';
import { applyChange, viewOfSnapshot, type DocumentView } from './documentView.ts';
import {
  INITIAL_STATE,
  type Connection,
  type Me,
  type PlacedBox,
  type Propagation,
  type Saving,
  type SessionState,
} from './state.ts';
import type { Problem } from './problem.ts';

/** Series of which is kept how one left them: each keeps its masks in memory. */
const MOST_LEFT = 8;

/** Everything that can happen to a session: what the user chose, what the viewer shows, what the server said. */
export type SessionEvent =
  | { readonly kind: 'named'; readonly me: Me }
  | { readonly kind: 'connection'; readonly connection: Connection }
  | { readonly kind: 'series-shown'; readonly series: SeriesOpen | null }
  | { readonly kind: 'series-opened'; readonly opened: SeriesOpened }
  | { readonly kind: 'series-refused'; readonly problem: Problem }
  | { readonly kind: 'document-changed'; readonly change: DocumentChanged }
  | { readonly kind: 'participants'; readonly seriesUid: string; readonly participants: readonly Participant[] }
  | { readonly kind: 'plane-shown'; readonly plane: Plane | null; readonly inVolume?: boolean }
  | { readonly kind: 'segment-activated'; readonly segmentId: string }
  | { readonly kind: 'segment-visibility'; readonly segmentIds: readonly string[]; readonly visible: boolean }
  | { readonly kind: 'window-chosen'; readonly window: WindowChoice }
  | { readonly kind: 'model-chosen'; readonly modelId: string }
  | { readonly kind: 'models-changed'; readonly changed: ModelsChanged }
  | { readonly kind: 'terms-accepted'; readonly terms: readonly string[] }
  | { readonly kind: 'prompt-sent'; readonly promptId: string; readonly placed: PlacedBox }
  | { readonly kind: 'prompt-ended'; readonly promptId: string; readonly answer?: PromptAnswer }
  | { readonly kind: 'model-view'; readonly view: ModelView | null }
  | { readonly kind: 'propagation-progress'; readonly progress: PropagationProgress }
  | { readonly kind: 'propagation-ended'; readonly ended: PropagationEnded }
  | { readonly kind: 'reviewed'; readonly provenance: Provenance }
  | { readonly kind: 'prepared'; readonly frames: number | null }
  | { readonly kind: 'saving'; readonly saving: Saving }
  | ({ readonly kind: 'stored' } & StoredSegmentations)
  | { readonly kind: 'opening'; readonly sopInstanceUid: string | null }
  | { readonly kind: 'following'; readonly participantId: string | null };

export function reduce(state: SessionState, event: SessionEvent): SessionState {
  switch (event.kind) {
    case 'named':
      return { ...state, me: event.me, connection: { kind: 'connecting' } };
    case 'connection':
      return { ...state, connection: event.connection, refusal: null };
    case 'series-shown':
      return showSeries(state, event.series);
    case 'series-opened':
      return openSeries(state, event.opened);
    case 'series-refused':
      return { ...state, refusal: event.problem };
    case 'document-changed':
      return changeDocument(state, event.change);
    case 'participants':
      return changeParticipants(state, event);
    case 'plane-shown':
      return { ...state, plane: event.plane, inVolume: event.inVolume ?? false, modelView: null };
    case 'segment-activated':
      return canShow(state.document, event.segmentId) ? withActive(state, event.segmentId) : state;
    case 'segment-visibility':
      return withVisibility(state, event.segmentIds, event.visible);
    case 'window-chosen':
      return { ...state, window: event.window };
    case 'model-chosen':
      return { ...state, modelId: event.modelId };
    case 'models-changed':
      return withModels(state, event.changed);
    case 'terms-accepted':
      return { ...state, acceptedTerms: new Set([...state.acceptedTerms, ...event.terms]) };
    case 'prompt-sent':
      return { ...state, waiting: new Map(state.waiting).set(event.promptId, event.placed) };
    case 'prompt-ended':
      return {
        ...state,
        waiting: without(state.waiting, event.promptId),
        answer: event.answer ?? state.answer,
      };
    case 'model-view':
      return { ...state, modelView: event.view };
    case 'propagation-progress':
      return withPropagation(state, event.progress, { kind: 'running', progress: event.progress });
    case 'propagation-ended':
      return withPropagation(state, event.ended, { kind: 'ended', ended: event.ended });
    case 'reviewed':
      return { ...state, reviewed: new Set(state.reviewed).add(event.provenance) };
    case 'prepared':
      return { ...state, prepared: event.frames };
    case 'saving':
      return { ...state, saving: event.saving };
    case 'stored':
      return { ...state, stored: event.stored, unreadableSeries: event.unreadableSeries };
    case 'opening':
      return { ...state, opening: event.sopInstanceUid };
    case 'following':
      return { ...state, following: event.participantId };
  }
}

/** Where oneself is one knows, and hears several times a second while one drags a box: nothing is drawn anew for that. */
function changeParticipants(
  state: SessionState,
  { seriesUid, participants }: SessionEvent & { readonly kind: 'participants' },
): SessionState {
  if (seriesUid !== state.series?.seriesUid) return state;
  const withoutOwnPlace = (all: readonly Participant[]) =>
    JSON.stringify(all.map(({ at, ...who }) => (who.id === state.me?.id ? who : { ...who, at })));
  if (withoutOwnPlace(participants) === withoutOwnPlace(state.participants)) return state;
  return { ...state, participants };
}

/**
 * Another series is another document: only who one is, and what one chose for the model, stays. One that was left is as it was; its
 * document is there once the server has said how it is now.
 */
function showSeries(state: SessionState, series: SeriesOpen | null): SessionState {
  const { me, connection, models, modelId, acceptedTerms } = state;
  const left = withLeft(state);
  const again = left.get(series?.seriesUid ?? '');
  return { ...INITIAL_STATE, me, connection, models, modelId, acceptedTerms, left, ...again, document: null, series };
}

function withLeft(state: SessionState): SessionState['left'] {
  const { left, series, document, activeSegmentId, hidden, window, reviewed } = state;
  if (!document) return left;
  const others = [...left].filter(([seriesUid]) => seriesUid !== document.seriesUid);
  const now = [document.seriesUid, { series, document, activeSegmentId, hidden, window, reviewed }] as const;
  return new Map([...others, now].slice(-MOST_LEFT));
}

function openSeries(state: SessionState, opened: SeriesOpened): SessionState {
  const { seriesUid } = opened.document;
  const document = viewOfSnapshot(opened.document, state.document ?? state.left.get(seriesUid)?.document);
  if (document.seriesUid !== state.series?.seriesUid) return state;
  const byKey = new Map<string, SeriesFrame>(state.series.frames.map((frame) => [frameKeyOf(frame), frame]));
  const { participants } = opened;
  return withDocument(
    {
      ...withModels(state, opened),
      connection: { kind: 'online' },
      refusal: null,
      frames: opened.frames.flatMap((key) => byKey.get(key) ?? []),
      participants,
      waiting: new Map(),
      propagations: new Map<string, Propagation>([
        ...opened.interrupted.map((ended) => [ended.segmentId, { kind: 'ended', ended }] as const),
        ...opened.propagations.map((progress) => [progress.segmentId, { kind: 'running', progress }] as const),
      ]),
    },
    document,
  );
}

/** The chosen model stays the chosen one while it is there. */
function withModels(state: SessionState, { models, defaultModelId }: ModelsChanged): SessionState {
  const isThere = ({ id }: ModelInfo) => id === state.modelId;
  return { ...state, models, modelId: models.some(isThere) ? state.modelId : defaultModelId };
}

/** Whether changes before this one never came: they hold cells that no later change names, so the whole document is needed. */
export const missesChanges = ({ document }: SessionState, change: DocumentChanged): boolean =>
  document?.seriesUid === change.seriesUid && change.revision > document.revision + 1;

/** A change that is not newer than what we have was part of the snapshot of a reconnection. */
function changeDocument(state: SessionState, change: DocumentChanged): SessionState {
  const { document } = state;
  if (document?.seriesUid !== change.seriesUid || change.revision !== document.revision + 1) return state;
  return withDocument(state, applyChange(document, change));
}

function withDocument(state: SessionState, document: DocumentView): SessionState {
  const shown = document.segments.filter(({ id }) => document.slots.has(id));
  const exists = shown.some(({ id }) => id === state.activeSegmentId);
  return { ...state, document, activeSegmentId: exists ? state.activeSegmentId : (shown.at(-1)?.id ?? null) };
}

/** What one works on is to be seen. */
const withActive = (state: SessionState, segmentId: string): SessionState => ({
  ...withVisibility(state, [segmentId], true),
  activeSegmentId: segmentId,
});

/** A segment without a label cannot be worked on: the brush would go on painting the one before. */
const canShow = (document: DocumentView | null, segmentId: string): boolean =>
  document?.slots.has(segmentId) !== false || !document.segments.some(({ id }) => id === segmentId);

function withPropagation(
  state: SessionState,
  of: { readonly seriesUid: string; readonly segmentId: string },
  propagation: Propagation,
): SessionState {
  if (of.seriesUid !== state.series?.seriesUid) return state;
  return { ...state, propagations: new Map(state.propagations).set(of.segmentId, propagation) };
}

function without<Value>(map: ReadonlyMap<string, Value>, id: string): ReadonlyMap<string, Value> {
  const next = new Map(map);
  next.delete(id);
  return next;
}

function withVisibility(state: SessionState, segmentIds: readonly string[], visible: boolean): SessionState {
  if (segmentIds.every((id) => state.hidden.has(id) !== visible)) return state;
  const hidden = new Set(state.hidden);
  for (const id of segmentIds)
    if (visible) hidden.delete(id);
    else hidden.add(id);
  return { ...state, hidden };
}
