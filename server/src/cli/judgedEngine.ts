import { availableParallelism } from 'node:os';
import { pino } from 'pino';
import type { Variant } from '../adapters/onnx/cardParts.ts';
import { openOnnxEngine } from '../adapters/onnx/onnxEngine.ts';
import type { InferenceEngine } from '../ports/inferenceEngine.ts';
import { modelFoldersOf, readSettings } from '../settings.ts';
import { IN_FLIGHT } from './evaluateFolder.ts';

/**
 * The engine with a model that is to be judged: always on the processor, so that numbers can be compared.
 * @param models - A models folder; the project's models and the installed ones by default.
 * @param root - The project's folder.
 * @param variant - What the settings say by default.
 */
export function openJudgedEngine(
  modelId: string,
  models: string | undefined,
  root: string,
  variant?: Variant,
): Promise<InferenceEngine> {
  const settings = readSettings(process.env, root);
  const folders = modelFoldersOf(settings, root);
  return openOnnxEngine({
    ...(models === undefined
      ? { modelsFolder: folders.embedded, installedFolder: folders.installed }
      : { modelsFolder: models }),
    defaultModelId: modelId,
    providers: ['cpu'],
    variant: variant ?? settings.models.variant,
    threads: availableParallelism(),
    imageBytes: 64 * 1024 * 1024,
    // Each propagation asks for both directions, and of what waits in the background one client has a quarter.
    queueLength: 16 * IN_FLIGHT,
    runTimeoutMs: 60_000,
    log: pino({ level: 'warn' }, pino.destination(2)),
  });
}
