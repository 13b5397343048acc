/**
 * The parts of OHIF 3.13's services that this extension uses. OHIF publishes no types that can be installed apart from the
 * viewer, so they are declared here, and checked by the browser tests.
 */
interface Subscription {
  unsubscribe(): void;
}
interface PubSub<E extends string> {
  readonly EVENTS: Readonly<Record<E, string>>;
  subscribe(event: string, listener: (detail: never) => void): Subscription;
}

/** A naturalised DICOM header of one instance (keywords as names); only what is read here. */
export interface Instance {
  readonly SOPInstanceUID: string;
  readonly SOPClassUID: string;
  readonly Rows: number;
  readonly Columns: number;
  readonly ImagePositionPatient?: readonly number[];
  readonly ImageOrientationPatient?: readonly number[];
  readonly PixelSpacing?: readonly number[];
  readonly SliceThickness?: number;
  readonly BodyPartExamined?: string;
}

export interface DisplaySet {
  readonly displaySetInstanceUID: string;
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly Modality: string;
  readonly imageIds?: readonly string[];
  readonly instances?: readonly Instance[];
}

interface DisplaySetService {
  getDisplaySetByUID(uid: string): DisplaySet | undefined;
}

interface ViewportGridService extends PubSub<'ACTIVE_VIEWPORT_ID_CHANGED' | 'GRID_STATE_CHANGED'> {
  getActiveViewportId(): string | null;
  getDisplaySetsUIDsForViewport(viewportId: string): string[] | undefined;
  getState(): { viewports: Map<string, unknown> };
}

interface CornerstoneViewportService extends PubSub<'VIEWPORT_DATA_CHANGED'> {
  getCornerstoneViewport(viewportId: string): unknown;
}

interface SegmentationService {
  createLabelmapForDisplaySet(
    displaySet: DisplaySet,
    options: { segmentationId: string; label: string; segments: Record<number, SegmentConfig> },
  ): Promise<string>;
  addSegmentationRepresentation(viewportId: string, options: { segmentationId: string; type: string }): Promise<void>;
  /** The one that brush and eraser work on in a viewport. */
  getActiveSegmentation(viewportId: string): { segmentationId: string } | undefined;
}
interface SegmentConfig {
  segmentIndex: number;
  label: string;
  locked: boolean;
  active: boolean;
  cachedStats: Record<string, unknown>;
}

interface ToolbarService {
  /** Asks every button anew whether it can be pressed. */
  refreshToolbarState(of: { viewportId: string | null }): void;
}

interface PanelService extends PubSub<'PANELS_CHANGED'> {
  /** Panels of a side, in the order of their tabs; a stack of panels has the id of its first. */
  getPanels(position: string): { id: string }[];
  /** Brings a tab to the front and opens its side, unless the user has closed that. */
  activatePanel(panelId: string, force: boolean): void;
}

/** `P`: what the content is drawn from. OHIF adds `hide`, which closes the dialog. */
interface Dialog<P extends { readonly hide: () => void }> {
  id: string;
  title: string;
  content: (props: P) => unknown;
  contentProps: Omit<P, 'hide'>;
  shouldCloseOnEsc: boolean;
}

interface Notification {
  title: string;
  message: string;
  type: 'success' | 'error' | 'info' | 'warning';
  duration?: number;
}
export interface Services {
  readonly displaySetService: DisplaySetService;
  readonly viewportGridService: ViewportGridService;
  readonly cornerstoneViewportService: CornerstoneViewportService;
  readonly segmentationService: SegmentationService;
  readonly uiNotificationService: { show(notification: Notification): void };
  readonly userAuthenticationService: { getAuthorizationHeader(): { Authorization?: string } | undefined };
  readonly uiDialogService: { show<P extends { readonly hide: () => void }>(dialog: Dialog<P>): void };
  readonly panelService: PanelService;
  readonly toolbarService: ToolbarService;
}
interface CommandsManager {
  runCommand(command: string, options: object, context: string): unknown;
  getCommand(command: string, context: string): { readonly commandFn: (options: object) => unknown } | undefined;
}

/** What OHIF hands to the functions of an extension. */
export interface ExtensionContext {
  readonly servicesManager: { readonly services: Services };
  readonly commandsManager: CommandsManager;
  /** The second of `[extension, configuration]` in the viewer's config. */
  readonly configuration?: unknown;
}
