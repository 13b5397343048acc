import type {
  Box,
  Color,
  ModelInfo,
  ModelView,
  Participant,
  Plane,
  Points,
  PromptAnswer,
  PropagationEnded,
  PropagationProgress,
  Provenance,
  SaveAnswer,
  SeriesFrame,
  SeriesOpen,
  StoredSegmentation,
  WindowChoice,
} from '@ohif-medsam/protocol';
import type { DocumentView } from './documentView.ts';
import type { Problem } from './problem.ts';

/** Who sits here. The id stays with the browser. */
export interface Me {
  readonly id: string;
  readonly name: string;
  readonly color: Color;
}

export type Connection =
  | { readonly kind: 'unnamed' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'online' }
  | { readonly kind: 'refused'; readonly problem: Problem };

export type Saving =
  | { readonly kind: 'idle' }
  | { readonly kind: 'saving' }
  | { readonly kind: 'saved'; readonly answer: SaveAnswer }
  | { readonly kind: 'failed'; readonly problem: Problem };

export type Propagation =
  | { readonly kind: 'running'; readonly progress: PropagationProgress }
  | { readonly kind: 'ended'; readonly ended: PropagationEnded };

/** A box, where it lies, and the points that correct its mask. */
export interface PlacedBox {
  readonly plane: Plane;
  readonly box: Box;
  readonly points?: Points;
}

/** What stays of a series that one left, for when one comes back. */
type LeftSeries = Pick<SessionState, 'series' | 'document' | 'activeSegmentId' | 'hidden' | 'window' | 'reviewed'>;

/** Everything that one page knows of the series in view. */
export interface SessionState {
  readonly me: Me | null;
  readonly connection: Connection;
  /** The series of the active viewport, as announced; null while there is none that can be segmented. */
  readonly series: SeriesOpen | null;
  /** Why the server did not open it. */
  readonly refusal: Problem | null;
  /** Its frames in geometric order, once the server has answered. */
  readonly frames: readonly SeriesFrame[];
  readonly document: DocumentView | null;
  readonly participants: readonly Participant[];
  readonly models: readonly ModelInfo[];
  readonly modelId: string | null;
  /** Of models that are somebody else's, as {@link termsOf} writes them. */
  readonly acceptedTerms: ReadonlySet<string>;
  readonly activeSegmentId: string | null;
  readonly hidden: ReadonlySet<string>;
  readonly window: WindowChoice;
  /** The plane in the active viewport. */
  readonly plane: Plane | null;
  /** Whether that shows a volume, as in MPR, and not a stack. */
  readonly inVolume: boolean;
  /** Where one let go of boxes whose masks have not come yet, by prompt id. */
  readonly waiting: ReadonlyMap<string, PlacedBox>;
  readonly answer: PromptAnswer | null;
  /** What the model sees of the plane in view, once somebody looked. */
  readonly modelView: ModelView | null;
  /** By segment id. */
  readonly propagations: ReadonlyMap<string, Propagation>;
  /** Propagated masks that one went to because they needed a look; another mask in their place needs one again. */
  readonly reviewed: ReadonlySet<Provenance>;
  /** Frames whose pixels the server has, as far as this page knows; null where it reads them itself. */
  readonly prepared: number | null;
  readonly saving: Saving;
  readonly stored: readonly StoredSegmentation[];
  /** SEG series of the study whose segmentations may be missing among the stored ones. */
  readonly unreadableSeries: number;
  /** SOP instance UID of the stored one that is being opened. */
  readonly opening: string | null;
  /** Participant whose slice we show: of the person, not of the connection, which is another after every cut. */
  readonly following: string | null;
  /** By series UID; the one that was left last stands last. */
  readonly left: ReadonlyMap<string, LeftSeries>;
}

export const INITIAL_STATE: SessionState = {
  me: null,
  connection: { kind: 'unnamed' },
  series: null,
  refusal: null,
  frames: [],
  document: null,
  participants: [],
  models: [],
  modelId: null,
  acceptedTerms: new Set(),
  activeSegmentId: null,
  hidden: new Set(),
  window: { kind: 'auto' },
  plane: null,
  inVolume: false,
  waiting: new Map(),
  answer: null,
  modelView: null,
  propagations: new Map(),
  reviewed: new Set(),
  prepared: null,
  saving: { kind: 'idle' },
  stored: [],
  unreadableSeries: 0,
  opening: null,
  following: null,
  left: new Map(),
};
