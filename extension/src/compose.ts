import {
  frameKeyOf,
  modelsChangedSchema,
  type FrameKey,
  type PresenceUpdate,
  type SeriesOpened,
} from '@ohif-medsam/protocol';
import { z } from 'zod';
import { rememberedTerms, rememberTerms } from './adapters/acceptedTerms.ts';
import { createBoxes, selectedBoxes } from './adapters/boxes.ts';
import { rememberedMe, rememberMe } from './adapters/identity.ts';
import { createLabelmap } from './adapters/labelmap.ts';
import { keepPage } from './adapters/keepPage.ts';
import { newId } from './adapters/newId.ts';
import { createNotices } from './adapters/notices.ts';
import { watchPoints } from './adapters/points.ts';
import { drawLabelmapsPlainly } from './adapters/plainLabelmaps.ts';
import { createServerConnection } from './adapters/serverConnection.ts';
import { readPlane } from './adapters/slicePixels.ts';
import { createSlicePusher } from './adapters/slicePusher.ts';
import { stockHistory } from './adapters/stockHistory.ts';
import { createViewer, type Viewer } from './adapters/viewer.ts';
import { PANEL_ID } from './id.ts';
import type { ExtensionContext, Services } from './ohif.ts';
import { createActions } from './session/actions.ts';
import { createFollowedPlanes, planeToFollow } from './session/following.ts';
import { latest } from './session/latest.ts';
import { createLeftPropagations } from './session/leftPropagations.ts';
import { chosenModel, lostModelMessage } from './session/models.ts';
import { problemOf } from './session/ports.ts';
import { createPreviews } from './session/previews.ts';
import { missesChanges } from './session/reduce.ts';
import type { Session } from './session/session.ts';
import { WAITING_COLOR } from './session/shownBoxes.ts';
import { TOO_MANY_SEGMENTS } from './session/slots.ts';
import type { SessionState } from './session/state.ts';
import { createStepOrder } from './session/stepOrder.ts';
import { createStore } from './session/store.ts';

/** How often others hear where one is. */
const PRESENCE_INTERVAL_MS = 80;

const configurationSchema = z.object({
  /** Origin of the MedSAM server; the page's own if it is not given. */
  serverUrl: z.url().optional(),
  /** Of the link to the server and of the page's time, what slices may take that nobody has asked for yet. */
  prefetchShare: z.number().gt(0).max(1).default(0.5),
});

/** The one place where adapters are made and tied together. */
export function compose({ servicesManager, configuration }: ExtensionContext): Session {
  const { services } = servicesManager;
  const { serverUrl = '', prefetchShare } = configurationSchema.parse(configuration ?? {});
  const store = createStore();
  const server = createServerConnection(serverUrl, () => bearerToken(services));
  const notices = createNotices(services);
  let viewer: Viewer | undefined;
  let labelmap: ReturnType<typeof createLabelmap> | undefined;
  const slices = createSlicePusher({
    server,
    onRefused: (reason) => notices.info('The viewer sends the pixels', reason.message),
    onKnown: (frames) => store.dispatch({ kind: 'prepared', frames }),
    prefetchShare,
  });
  const actions = createActions({
    store,
    server,
    slices,
    notices,
    newId,
    takePaint: () => labelmap?.takePaint(),
    takeBrush: () => labelmap?.takeBrush(),
    isDocuments: createStepOrder(store, stockHistory),
    show: (plane) => viewer?.show(plane),
  });
  const tellEnd = createLeftPropagations(store, notices);
  const ends: (() => void)[] = [];

  /** Gets the whole document of the series in view, and joins who is there. @returns undefined if it could not. */
  async function openSeries(): Promise<SeriesOpened | undefined> {
    const { series } = store.getState();
    if (!series) return undefined;
    try {
      const opened = await server.request('series:open', series);
      if (store.getState().series !== series) return undefined;
      store.dispatch({ kind: 'series-opened', opened });
      tellPlane();
      return opened;
    } catch (error) {
      const problem = problemOf(error);
      // Of a series that is left, or a connection that is lost, there is nothing to be done.
      if (store.getState().series !== series || !server.connected()) return undefined;
      store.dispatch({ kind: 'series-refused', problem });
      notices.error('Series not opened', problem);
      return undefined;
    }
  }

  async function beginSeries(): Promise<void> {
    const opened = await openSeries();
    if (!opened) return;
    const { series, frames, plane } = store.getState();
    const imageIdOf = viewer?.series?.imageIdOf ?? new Map<FrameKey, string>();
    const keys = frames.map(frameKeyOf);
    slices.open(series?.seriesUid ?? '', frames, opened.pixels, (at) => readPlane(at, imageIdOf, keys));
    if (plane) slices.look(plane);
    await actions.refreshStored();
  }

  const tellPresence = latest(PRESENCE_INTERVAL_MS, (presence: Omit<PresenceUpdate, 'seriesUid'>) => {
    const { series, connection } = store.getState();
    if (!series || connection.kind !== 'online') return;
    // Nobody misses one of these: the next says all again.
    server.request('presence:update', { seriesUid: series.seriesUid, ...presence }).catch(() => undefined);
  });

  /** Where one is, without a box in the hand. */
  function tellPlane(): void {
    const { plane } = store.getState();
    if (plane) tellPresence({ plane });
  }

  let catchingUp: Promise<unknown> | undefined;
  /** The whole document anew; the changes that come while it is under way are part of it. */
  const catchUp = () => (catchingUp ??= openSeries().finally(() => (catchingUp = undefined)));

  /** A server that was started anew takes what waited only of series that were opened there: one that was left is, for so long. */
  async function openLeft(seriesUid: string): Promise<void> {
    const left = store.getState().left.get(seriesUid)?.series;
    if (!left) return;
    await server.request('series:open', left);
    if (store.getState().series?.seriesUid !== seriesUid) await server.request('series:close', { seriesUid });
  }

  server.onConnected(() => {
    void beginSeries();
    const inView = store.getState().series?.seriesUid;
    // If it is not opened, what waited is refused, and that is told.
    for (const seriesUid of server.waiting()) if (seriesUid !== inView) openLeft(seriesUid).catch(() => undefined);
  });
  server.onLost((problem) =>
    store.dispatch({ kind: 'connection', connection: problem ? { kind: 'refused', problem } : { kind: 'connecting' } }),
  );
  keepPage(server, notices);
  server.on('document:changed', (change) => {
    if (missesChanges(store.getState(), change)) void catchUp();
    else store.dispatch({ kind: 'document-changed', change });
  });
  server.on('presence:changed', (event) => store.dispatch({ kind: 'participants', ...event }));
  server.on('propagation:progress', (progress) => store.dispatch({ kind: 'propagation-progress', progress }));
  server.on('propagation:ended', (ended) => {
    store.dispatch({ kind: 'propagation-ended', ended });
    tellEnd(ended);
  });
  server.on('slice:wanted', (wanted) => slices.want(wanted));
  server.on('models:changed', (event) =>
    store.dispatch({ kind: 'models-changed', changed: modelsChangedSchema.parse(event) }),
  );

  function askName(): void {
    services.panelService.activatePanel(PANEL_ID, true);
    notices.info('Who are you?', 'Enter your name in the MedSAM panel at the side, then do it again.');
  }

  const tellUnusable = () =>
    notices.info(
      'No box here',
      'MedSAM segments acquired slices and orthogonal reformats. Turn the view back, or use another viewport.',
    );

  function watchViewer(): void {
    const seen = createViewer(services);
    viewer = seen;
    /** What is in the hand stays on the slice in view. */
    const stay = () => {
      if (store.getState().following !== null) actions.follow(null);
    };
    const masks = createLabelmap(services, seen, {
      onPainting: stay,
      onPainted: actions.paint,
      planeInView: () => store.getState().plane,
    });
    labelmap = masks;
    const previews = createPreviews({
      store,
      server,
      slices,
      show: (box, mask) => boxes.preview(box, mask, activeColor(store.getState())),
    });
    /** The segment in use when the box in the hand was begun. */
    let begunFor: string | null = null;
    const handIsEmpty = () => {
      begunFor = null;
      previews.ended();
      tellPlane();
    };
    const boxes = createBoxes(seen, {
      onReleased: (promptId, plane, box) => {
        const segmentId = begunFor;
        handIsEmpty();
        const known = store.getState().me !== null;
        if (!known) askName();
        const isTaken = known && actions.mayPrompt(segmentId);
        if (isTaken) void actions.segmentBox(promptId, plane, box);
        return isTaken;
      },
      onDragged: (promptId, plane, box) => {
        begunFor ??= store.getState().activeSegmentId;
        stay();
        tellPresence({ plane, box });
        previews.dragged({ promptId, plane, box });
      },
      onCancelled: handIsEmpty,
      onUnusable: () => {
        handIsEmpty();
        tellUnusable();
      },
    });
    const unwatchPoints = watchPoints(seen, {
      onClicked: (plane, point, kind) => {
        if (!store.getState().me) askName();
        else if (actions.mayPrompt(null)) void actions.correctMask(plane, point, kind);
      },
      onUnusable: tellUnusable,
    });
    const followed = createFollowedPlanes();
    const unsubscribe = store.subscribe((state, before) => {
      if (state.frames !== before.frames) seen.order(state.frames);
      if (state.acceptedTerms !== before.acceptedTerms) rememberTerms(state.acceptedTerms);
      if (chosenModel(state) !== chosenModel(before)) refreshToolbar(services);
      const lost = lostModelMessage(state, before);
      if (lost !== undefined) notices.info('Another model', lost);
      if (hasUnshown(state) && !hasUnshown(before)) notices.error('Segments not shown', TOO_MANY_SEGMENTS);
      const { document, hidden, activeSegmentId, waiting, participants } = state;
      // Whoever saved.
      if (before.document && document && document.saved?.sopInstanceUid !== before.document.saved?.sopInstanceUid)
        void actions.refreshStored();
      if (document !== before.document || hidden !== before.hidden || activeSegmentId !== before.activeSegmentId)
        masks.render(state);
      if (
        document !== before.document ||
        hidden !== before.hidden ||
        activeSegmentId !== before.activeSegmentId ||
        waiting !== before.waiting ||
        participants !== before.participants
      )
        boxes.render(state);
      const target = planeToFollow(state, before);
      if (target) {
        followed.expect(target);
        seen.show(target);
      }
      // While one follows, others know from the followed where one is.
      if (before.following !== null && state.following === null) tellPlane();
    });
    const unwatch = seen.watch({
      onSeries: (series) => {
        const before = store.getState().series;
        if (before) server.request('series:close', { seriesUid: before.seriesUid }).catch(() => undefined);
        store.dispatch({ kind: 'series-shown', series: series?.announced ?? null });
        // Whichever comes last, the series or the connection, opens the series.
        if (server.connected()) void beginSeries();
      },
      onPlane: (plane, inVolume) => {
        const { plane: before, inVolume: wasInVolume } = store.getState();
        const isSame = JSON.stringify(before) === JSON.stringify(plane ?? null);
        if (isSame && inVolume === wasInVolume) return;
        store.dispatch({ kind: 'plane-shown', plane: plane ?? null, inVolume });
        if (isSame || !plane || store.getState().frames.length === 0) return;
        slices.look(plane);
        const { following } = store.getState();
        if (followed.arrived(plane) && following !== null) return;
        // A plane of another axis is another viewport, to which one went; along its axis one scrolled.
        if (following !== null && before?.axis === plane.axis) actions.follow(null);
        tellPresence({ plane });
      },
      onLayout: () => {
        masks.render(store.getState());
        boxes.render(store.getState());
      },
    });
    ends.push(unsubscribe, unwatch, unwatchPoints, masks.stop, boxes.stop, drawLabelmapsPlainly());
  }

  return {
    store,
    actions,
    askName,
    running: () => viewer !== undefined,
    owns: actions.owns,
    selectedBoxes,
    start: () => {
      if (viewer) return;
      store.dispatch({ kind: 'terms-accepted', terms: rememberedTerms() });
      watchViewer();
      const me = rememberedMe();
      if (!me) return;
      store.dispatch({ kind: 'named', me });
      server.connect(me);
    },
    stop: () => {
      for (const end of ends.splice(0)) end();
      viewer = undefined;
      labelmap = undefined;
      server.disconnect();
      store.dispatch({ kind: 'series-shown', series: null });
    },
    enter: (name) => {
      const me = rememberMe(name);
      store.dispatch({ kind: 'named', me });
      server.connect(me);
    },
    retry: () => {
      const { me } = store.getState();
      store.dispatch({ kind: 'connection', connection: { kind: 'connecting' } });
      if (server.connected()) void beginSeries();
      else if (me) server.connect(me);
    },
  };
}

/** Of the segment that the next box belongs to. */
const activeColor = ({ document, activeSegmentId }: SessionState) =>
  document?.segments.find(({ id }) => id === activeSegmentId)?.color ?? WAITING_COLOR;

const hasUnshown = ({ document }: SessionState): boolean =>
  document !== null && document.slots.size < document.segments.length;

const refreshToolbar = ({ toolbarService, viewportGridService }: Services): void =>
  toolbarService.refreshToolbarState({ viewportId: viewportGridService.getActiveViewportId() });

const bearerToken = ({ userAuthenticationService }: Services): string | undefined =>
  userAuthenticationService.getAuthorizationHeader()?.Authorization?.replace(/^Bearer /, '');
