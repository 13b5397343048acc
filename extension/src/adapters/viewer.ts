import { Enums, StackViewport, utilities, VolumeViewport, type Types } from '@cornerstonejs/core';
import { frameKeyOf, type FrameKey, type Plane, type SeriesFrame } from '@ohif-medsam/protocol';
import type { DisplaySet, Services } from '../ohif.ts';
import { asPlaced, cornersOf, planeIn, type PlaneContext } from './planes.ts';
import { viewedSeries, type ViewedSeries } from './series.ts';

/** Cornerstone's events do not bubble, but they can be captured above the viewports, whichever these are at the time. */
const MOVED = [Enums.Events.STACK_NEW_IMAGE, Enums.Events.VOLUME_NEW_IMAGE, Enums.Events.CAMERA_MODIFIED];

/** What the viewer shows: the active viewport's series and plane, and the viewports of a series. */
export interface Viewer extends PlaneContext {
  readonly series: ViewedSeries | undefined;
  /** Viewports that show the series, with their ids. */
  viewports(): { id: string; viewport: Types.IViewport }[];
  /** Frames in geometric order, each where the viewer puts its image. */
  readonly placed: readonly SeriesFrame[];
  /** Tells the geometric order, as soon as the server has said it. */
  order(frames: readonly SeriesFrame[]): void;
  /** Brings a plane of the series into view, in a viewport that can show it. */
  show(plane: Plane): void;
  /** Begins to tell what is shown, with what is shown now. @returns Ends it. */
  watch(events: ViewerEvents): () => void;
}

interface ViewerEvents {
  onSeries(series: ViewedSeries | undefined): void;
  /** @param inVolume - Whether the viewport shows a volume, and not a stack. */
  onPlane(plane: Plane | undefined, inVolume: boolean): void;
  /** Viewports came, went or show other data. */
  onLayout(): void;
}

export function createViewer(services: Services): Viewer {
  const { viewportGridService: grid, cornerstoneViewportService, displaySetService } = services;
  let series: ViewedSeries | undefined;
  let keys = new Map<string, FrameKey>();
  let placed: readonly SeriesFrame[] = [];
  let events: ViewerEvents | undefined;

  const displaySetsOf = (viewportId: string): DisplaySet[] =>
    (grid.getDisplaySetsUIDsForViewport(viewportId) ?? []).flatMap(
      (uid) => displaySetService.getDisplaySetByUID(uid) ?? [],
    );
  const showsSeries = (viewportId: string) =>
    displaySetsOf(viewportId).some((set) => set.displaySetInstanceUID === series?.displaySet.displaySetInstanceUID);
  const active = () => cornerstoneViewportService.getCornerstoneViewport(grid.getActiveViewportId() ?? '');

  function followLayout(): void {
    const found = displaySetsOf(grid.getActiveViewportId() ?? '')
      .map(viewedSeries)
      .find((s) => s !== undefined);
    // A viewport in between two displays, or of a report, leaves the session where it is.
    if (found && found.displaySet.displaySetInstanceUID !== series?.displaySet.displaySetInstanceUID) {
      series = found;
      keys = new Map([...found.imageIdOf].map(([key, imageId]) => [imageId, key]));
      placed = [];
      events?.onSeries(series);
    }
    events?.onLayout();
    followPlane();
  }
  function followPlane(): void {
    const viewport = active();
    events?.onPlane(planeIn(viewport, viewer), viewport instanceof VolumeViewport);
  }

  const viewer: Viewer = {
    get series() {
      return series;
    },
    get frames() {
      return placed.map(frameKeyOf);
    },
    get placed() {
      return placed;
    },
    keyOf: (imageId) => keys.get(imageId),
    viewports: () =>
      [...grid.getState().viewports.keys()].filter(showsSeries).flatMap((id) => {
        const viewport = cornerstoneViewportService.getCornerstoneViewport(id) as Types.IViewport | undefined;
        return viewport ? [{ id, viewport }] : [];
      }),
    order: (frames) => {
      placed = frames.map((frame) => asPlaced(frame, series?.imageIdOf.get(frameKeyOf(frame)) ?? ''));
    },
    show: (plane) => {
      for (const { viewport } of viewer.viewports()) showIn(viewport, plane, viewer);
    },
    watch: (listener) => {
      events = listener;
      const { ACTIVE_VIEWPORT_ID_CHANGED, GRID_STATE_CHANGED } = grid.EVENTS;
      const { VIEWPORT_DATA_CHANGED } = cornerstoneViewportService.EVENTS;
      const subscriptions = [
        grid.subscribe(ACTIVE_VIEWPORT_ID_CHANGED, followLayout),
        grid.subscribe(GRID_STATE_CHANGED, followLayout),
        cornerstoneViewportService.subscribe(VIEWPORT_DATA_CHANGED, followLayout),
      ];
      for (const event of MOVED) document.addEventListener(event, followPlane, true);
      followLayout();
      return () => {
        for (const subscription of subscriptions) subscription.unsubscribe();
        for (const event of MOVED) document.removeEventListener(event, followPlane, true);
      };
    },
  };
  return viewer;
}

function showIn(viewport: Types.IViewport, plane: Plane, viewer: Viewer): void {
  const shown = planeIn(viewport, viewer);
  if (!shown || shown.axis !== plane.axis) return;
  if (viewport instanceof StackViewport && plane.axis === 'k') {
    const imageIndex = viewport.getImageIds().findIndex((imageId) => viewer.keyOf(imageId) === plane.frame);
    if (imageIndex >= 0) utilities.jumpToSlice(viewport.element, { imageIndex }).catch(console.error);
  } else if (viewport instanceof VolumeViewport) {
    const k = plane.axis === 'k' ? viewer.frames.indexOf(plane.frame) : 0;
    viewport.jumpToWorld(cornersOf(plane, [0, 0, 0, 0], viewer.placed, k)[0]);
  }
}
