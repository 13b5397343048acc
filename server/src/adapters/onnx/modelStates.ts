/** What an engine process says of its models; until the first one has loaded, nothing is known of any. */
import { AppError } from '@ohif-medsam/protocol';
import type { ModelState } from './wire.ts';

type Known = readonly ModelState[] | undefined;
export type UsableModel = Extract<ModelState, { readonly info: unknown }>;

export const idOf = (model: ModelState): string => ('info' in model ? model.info.id : model.id);

export const usableModels = (models: Known): UsableModel[] => (models ?? []).filter((model) => 'info' in model);

/** Why a model cannot be asked; nothing as long as it may still turn out that it can. */
export function modelError(models: Known, modelId: string): AppError | undefined {
  if (!models) return undefined;
  const model = models.find((each) => idOf(each) === modelId);
  if (model) return 'info' in model ? undefined : new AppError('model-invalid', model.problem);
  if (usableModels(models).length > 0) return new AppError('model-unknown', `Got "${modelId}".`);
  return new AppError('model-invalid', modelProblems(models).join(' ') || 'There is no model card.');
}

/** What is wrong with models, or was passed over. */
export const modelProblems = (models: Known): string[] =>
  (models ?? []).flatMap((model) =>
    'info' in model ? model.passedOver.map((reason) => `${model.info.title}: ${reason}`) : [model.problem],
  );
