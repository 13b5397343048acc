import { EMBEDDED_MODEL_ID, type ModelInfo } from '@ohif-medsam/protocol';
import type { SessionState } from './state.ts';

type ModelState = Pick<SessionState, 'models' | 'modelId' | 'acceptedTerms'>;

/** The model that answers the next box. */
export const chosenModel = ({ models, modelId }: Pick<ModelState, 'models' | 'modelId'>): ModelInfo | undefined =>
  models.find(({ id }) => id === modelId);

/** What somebody accepts of a model: other terms of the same model are another thing. */
export const termsOf = ({ id, licence, notice = '' }: ModelInfo): string => JSON.stringify([id, licence, notice]);

/** The chosen model, if it is somebody else's and nobody at this browser has accepted its terms. */
export function modelToAccept(state: ModelState): ModelInfo | undefined {
  const model = chosenModel(state);
  return model && model.id !== EMBEDDED_MODEL_ID && !state.acceptedTerms.has(termsOf(model)) ? model : undefined;
}

/** What to tell when the model that one had chosen is not on the server any more, and another takes its place. */
export function lostModelMessage(state: ModelState, before: ModelState): string | undefined {
  const lost = chosenModel(before);
  if (!lost || state.models.some(({ id }) => id === lost.id)) return undefined;
  const next = chosenModel(state);
  const instead = next ? `${next.title} is used from now on.` : 'There is no other.';
  return `${lost.title} is not on the server any more. ${instead}`;
}
