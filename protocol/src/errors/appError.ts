import { ERRORS, type ErrorCode } from './registry.ts';

/** How an error travels: `message` says what happened, `remedy` what to do, `detail` which value was wrong. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
  readonly detail?: string;
}

/** An expected failure. Anything else that is thrown is a bug and crosses the wire as `internal`, without its text. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;

  /** @param detail - Which value was wrong and what was expected; no patient data. */
  constructor(code: ErrorCode, detail?: string, options?: ErrorOptions) {
    super(detail === undefined ? ERRORS[code][1] : `${ERRORS[code][1]} ${detail}`, options);
    this.name = 'AppError';
    this.code = code;
    this.detail = detail;
  }

  get status(): number {
    return ERRORS[this.code][0];
  }
}

/** What of an error may leave the process: the text of an unexpected one may hold patient data and stays here. */
export function toWireError(error: unknown): WireError {
  const code = error instanceof AppError ? error.code : 'internal';
  const [, message, remedy] = ERRORS[code];
  const detail = error instanceof AppError ? error.detail : undefined;
  return { code, message, remedy, ...(detail === undefined ? {} : { detail }) };
}
