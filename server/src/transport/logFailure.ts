import { AppError } from '@ohif-medsam/protocol';
import type { Logger } from 'pino';

/**
 * Tells the operator of what the server could not do: bugs whole, expected failures (5xx) with what caused them. What a
 * client got wrong is told to the client.
 * @param facts - Where it happened; no patient data.
 */
export function logFailure(log: Pick<Logger, 'error' | 'warn'>, error: unknown, facts: object): void {
  if (!(error instanceof AppError)) return log.error({ ...facts, err: error }, 'request failed');
  const { code, detail, status, cause } = error;
  if (status >= 500) log.warn({ ...facts, code, detail, cause: reasonsOf(cause) }, 'request failed');
}

/** Texts only: what else an error of a library carries may be anything. */
function reasonsOf(error: unknown): string[] {
  return error instanceof Error ? [`${error.name}: ${error.message}`, ...reasonsOf(error.cause)] : [];
}
