import type { WireError } from '../errors/appError.ts';
import type { z } from 'zod';
import {
  documentApplySchema,
  historyStepSchema,
  openSchema,
  saveSchema,
  type DocumentChanged,
  type DocumentSnapshot,
  type SaveAnswer,
  type StoredSegmentations,
} from './document.ts';
import type { ModelInfo, ModelsChanged } from './model.ts';
import { presenceSchema, type Participant, type PresenceChanged } from './presence.ts';
import {
  modelViewSchema,
  previewSchema,
  promptSchema,
  type ModelView,
  type PreviewAnswer,
  type PromptAnswer,
} from './prompt.ts';
import {
  propagationNameSchema,
  propagationStartSchema,
  type PropagationEnded,
  type PropagationProgress,
  type SliceWanted,
} from './propagation.ts';
import { seriesNameSchema, seriesOpenSchema } from './series.ts';
import { sliceHaveSchema, slicePutSchema, type SliceHaveAnswer } from './slice.ts';

export interface SeriesOpened {
  /** Frame keys in geometric order: index k of {@link Plane}. */
  readonly frames: readonly string[];
  readonly document: DocumentSnapshot;
  readonly participants: readonly Participant[];
  readonly models: readonly ModelInfo[];
  readonly defaultModelId: string;
  /** Whether the viewer pushes pixels, or the server pulls them from the archive itself. */
  readonly pixels: 'push' | 'pull';
  /** Propagations of this series that run now. */
  readonly propagations: readonly PropagationProgress[];
  /** Of each segment the newest propagation, if the server ended in the middle of it. */
  readonly interrupted: readonly PropagationEnded[];
}

/** Every request of the client: its schema. The answer's type stands in {@link Answers} under the same name. */
export const REQUESTS = {
  'series:open': seriesOpenSchema,
  'series:close': seriesNameSchema,
  'slice:have': sliceHaveSchema,
  'slice:put': slicePutSchema,
  'prompt:segment': promptSchema,
  'prompt:preview': previewSchema,
  'model:view': modelViewSchema,
  'propagation:start': propagationStartSchema,
  'propagation:cancel': propagationNameSchema,
  'propagation:pause': propagationNameSchema,
  'propagation:resume': propagationNameSchema,
  'document:apply': documentApplySchema,
  'document:undo': historyStepSchema,
  'document:redo': historyStepSchema,
  'presence:update': presenceSchema,
  'segmentation:save': saveSchema,
  'segmentation:open': openSchema,
  'segmentation:list': seriesNameSchema,
} as const;
export type RequestName = keyof typeof REQUESTS;

export type Request<N extends RequestName> = z.input<(typeof REQUESTS)[N]>;
export type ParsedRequest<N extends RequestName> = z.output<(typeof REQUESTS)[N]>;

export interface Revision {
  readonly revision: number;
}
export interface Answers {
  'series:open': SeriesOpened;
  'series:close': null;
  'slice:have': SliceHaveAnswer;
  'slice:put': null;
  'prompt:segment': PromptAnswer;
  'prompt:preview': PreviewAnswer;
  'model:view': ModelView;
  /** Once it has started. */
  'propagation:start': null;
  'propagation:cancel': null;
  'propagation:pause': null;
  'propagation:resume': null;
  'document:apply': Revision;
  'document:undo': Revision;
  'document:redo': Revision;
  'presence:update': null;
  'segmentation:save': SaveAnswer;
  'segmentation:open': Revision;
  'segmentation:list': StoredSegmentations;
}

/** What every request is acknowledged with. */
export type Ack<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError };

/** Everything the server says unasked. */
export interface Events {
  'document:changed': DocumentChanged;
  'presence:changed': PresenceChanged;
  'propagation:progress': PropagationProgress;
  'propagation:ended': PropagationEnded;
  'slice:wanted': SliceWanted;
  'models:changed': ModelsChanged;
}

/** For `Socket<ServerToClient, ClientToServer>` of socket.io. */
export type ServerToClient = { [N in keyof Events]: (event: Events[N]) => void };
export type ClientToServer = {
  [N in RequestName]: (message: Request<N>, ack: (answer: Ack<Answers[N]>) => void) => void;
};
