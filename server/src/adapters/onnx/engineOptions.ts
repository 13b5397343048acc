import type { Logger } from 'pino';
import type { Served } from '../../ports/inferenceEngine.ts';
import type { EngineOptions } from './wire.ts';

/** Left out: as its card prefers, on the first GPU if there is one, and room for some sixty slices of the largest model. */
const DEFAULTS = { variant: 'auto', device: 0, embeddingBytes: 256 * 1024 * 1024 } as const;

export interface OnnxEngineOptions
  extends Omit<EngineOptions, keyof typeof DEFAULTS | 'deadly'>, Partial<Pick<EngineOptions, keyof typeof DEFAULTS>> {
  /** Left out, or not in the folder: the first usable model. */
  readonly defaultModelId?: string;
  /** Most requests that wait. */
  readonly queueLength: number;
  /** A request that runs longer has hung, and its process is killed. */
  readonly runTimeoutMs: number;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Told of every request that was answered. */
  readonly observe?: (served: Served) => void;
}

/** What the process is told of them. @param deadly - See {@link EngineOptions}. */
export function processOptions(
  { modelsFolder, installedFolder, providers, threads, batch, imageBytes, ...options }: OnnxEngineOptions,
  deadly: EngineOptions['deadly'],
): EngineOptions {
  const { variant, device, embeddingBytes } = { ...DEFAULTS, ...options };
  return {
    ...{ modelsFolder, providers, device, threads, variant, imageBytes, embeddingBytes, deadly },
    ...(installedFolder !== undefined && { installedFolder }),
    ...(batch !== undefined && { batch }),
  };
}
