import type { PresenceUpdate } from '@ohif-medsam/protocol';
import { z } from 'zod';
import { createBoxes } from './adapters/boxes.ts';
import { rememberedMe, rememberMe } from './adapters/identity.ts';
import { createLabelmap } from './adapters/labelmap.ts';
import { newId } from './adapters/newId.ts';
import { createNotices } from './adapters/notices.ts';
import { createServerConnection } from './adapters/serverConnection.ts';
import { readPlane } from './adapters/slicePixels.ts';
import { createSlicePusher } from './adapters/slicePusher.ts';
import { createViewer, type Viewer } from './adapters/viewer.ts';
import type { ExtensionContext, Services } from './ohif.ts';
import { createActions, type Actions } from './session/actions.ts';
import { latest } from './session/latest.ts';
import { problemOf } from './session/ports.ts';
import { createStore, type Store } from './session/store.ts';

/** How often others hear where one is. */
const PRESENCE_INTERVAL_MS = 80;

const configurationSchema = z.object({
  /** Origin of the MedSAM server; the page's own if it is not given. */
  serverUrl: z.url().optional(),
});

/** What panels and commands get to see. */
export interface Session {
  readonly store: Store;
  readonly actions: Actions;
  /** Begins with the series in view; does nothing if it has begun. */
  readonly start: () => void;
  readonly stop: () => void;
  readonly running: () => boolean;
  /** Says who one is, and connects. */
  readonly enter: (name: string) => void;
}

/** The one place where adapters are made and tied together. */
export function compose({ servicesManager, configuration }: ExtensionContext): Session {
  const { services } = servicesManager;
  const { serverUrl = '' } = configurationSchema.parse(configuration ?? {});
  const store = createStore();
  const server = createServerConnection(serverUrl, () => bearerToken(services));
  const notices = createNotices(services);
  let viewer: Viewer | undefined;
  let takePaint: (() => void) | undefined;
  const slices = createSlicePusher(server, (plane) =>
    readPlane(plane, viewer?.series?.imageIdOf ?? new Map(), viewer?.frames ?? []),
  );
  const actions = createActions({ store, server, slices, notices, newId, takePaint: () => takePaint?.() });
  const ends: (() => void)[] = [];

  async function openSeries(): Promise<void> {
    const { series } = store.getState();
    if (!series) return;
    try {
      const opened = await server.request('series:open', series);
      if (store.getState().series !== series) return;
      store.dispatch({ kind: 'series-opened', opened });
    } catch (error) {
      notices.error('Series not opened', problemOf(error));
      return;
    }
    const { frames, plane } = store.getState();
    slices.open(series.seriesUid, frames);
    if (plane) slices.look(plane);
    await actions.refreshStored();
  }

  const tellPresence = latest(PRESENCE_INTERVAL_MS, (presence: Omit<PresenceUpdate, 'seriesUid'>) => {
    const { series, connection } = store.getState();
    if (!series || connection.kind !== 'online') return;
    // Nobody misses one of these: the next says all again.
    server.request('presence:update', { seriesUid: series.seriesUid, ...presence }).catch(() => undefined);
  });

  server.onConnected(() => void openSeries());
  server.onLost((problem) =>
    store.dispatch({ kind: 'connection', connection: problem ? { kind: 'refused', problem } : { kind: 'connecting' } }),
  );
  server.on('document:changed', (change) => store.dispatch({ kind: 'document-changed', change }));
  server.on('presence:changed', (event) => store.dispatch({ kind: 'participants', ...event }));
  server.on('propagation:progress', (progress) => store.dispatch({ kind: 'propagation-progress', progress }));
  server.on('propagation:ended', (ended) => store.dispatch({ kind: 'propagation-ended', ended }));
  server.on('slice:wanted', (wanted) => slices.want(wanted));

  function watchViewer(): void {
    const seen = createViewer(services);
    viewer = seen;
    const labelmap = createLabelmap(services, seen, {
      onPainted: (edits) => {
        const frames = new Set(edits.map(({ frame }) => frame));
        void actions.paint(edits).then((done) => done || labelmap.restore(frames));
      },
    });
    takePaint = labelmap.takePaint;
    const boxes = createBoxes(seen, {
      onReleased: (promptId, plane, box) => {
        tellPresence({ plane });
        if (store.getState().me) void actions.segmentBox(promptId, plane, box);
        else notices.info('Who are you?', 'Enter your name in the MedSAM panel, then draw the box.');
      },
      onDragged: (plane, box) => tellPresence({ plane, box }),
      onRemoved: (promptId) => void actions.deletePrompt(promptId),
      onUnusable: () =>
        notices.info(
          'No box here',
          'MedSAM segments acquired slices and orthogonal reformats. Turn the view back, or use another viewport.',
        ),
    });
    const unsubscribe = store.subscribe((state, before) => {
      if (state.frames !== before.frames) seen.order(state.frames);
      const { document, hidden, activeSegmentId, waiting, participants } = state;
      if (document !== before.document || hidden !== before.hidden || activeSegmentId !== before.activeSegmentId)
        labelmap.render(state);
      if (
        document !== before.document ||
        hidden !== before.hidden ||
        activeSegmentId !== before.activeSegmentId ||
        waiting !== before.waiting ||
        participants !== before.participants
      )
        boxes.render(state);
      const followed = participants.find(({ connectionId }) => connectionId === state.following);
      if (followed?.at?.plane && participants !== before.participants) seen.show(followed.at.plane);
    });
    const unwatch = seen.watch({
      onSeries: (series) => {
        const before = store.getState().series;
        if (before) server.request('series:close', { seriesUid: before.seriesUid }).catch(() => undefined);
        store.dispatch({ kind: 'series-shown', series: series?.announced ?? null });
        // Whichever comes last, the series or the connection, opens the series.
        if (server.connected()) void openSeries();
      },
      onPlane: (plane) => {
        const before = store.getState().plane;
        if (JSON.stringify(before) === JSON.stringify(plane ?? null)) return;
        store.dispatch({ kind: 'plane-shown', plane: plane ?? null });
        if (!plane || store.getState().frames.length === 0) return;
        slices.look(plane);
        tellPresence({ plane });
      },
      onLayout: () => labelmap.render(store.getState()),
    });
    ends.push(unsubscribe, unwatch, labelmap.stop, boxes.stop);
  }

  return {
    store,
    actions,
    running: () => viewer !== undefined,
    start: () => {
      if (viewer) return;
      watchViewer();
      const me = rememberedMe();
      if (!me) return;
      store.dispatch({ kind: 'named', me });
      server.connect(me);
    },
    stop: () => {
      for (const end of ends.splice(0)) end();
      viewer = undefined;
      takePaint = undefined;
      server.disconnect();
      store.dispatch({ kind: 'series-shown', series: null });
    },
    enter: (name) => {
      const me = rememberMe(name);
      store.dispatch({ kind: 'named', me });
      server.connect(me);
    },
  };
}

const bearerToken = ({ userAuthenticationService }: Services): string | undefined =>
  userAuthenticationService.getAuthorizationHeader()?.Authorization?.replace(/^Bearer /, '');
