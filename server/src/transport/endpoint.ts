import {
  AppError,
  REQUESTS,
  toWireError,
  type Ack,
  type Answers,
  type ParsedRequest,
  type RequestName,
} from '@ohif-medsam/protocol';
import type { z } from 'zod';

export type Handler<N extends RequestName, C> = (message: ParsedRequest<N>, connection: C) => Promise<Answers[N]>;
export type Handlers<C, N extends RequestName = RequestName> = { readonly [K in N]: Handler<K, C> };

/**
 * The border: the only place where a payload becomes a typed value. Whatever happens, there is one acknowledgement.
 * @param onBug - Told of every error that is not an expected one.
 */
export async function answer<N extends RequestName, C>(
  name: N,
  handler: Handler<N, C>,
  raw: unknown,
  connection: C,
  onBug: (error: unknown, name: RequestName) => void,
): Promise<Ack<Answers[N]>> {
  try {
    const parsed = REQUESTS[name].safeParse(raw);
    if (!parsed.success) throw new AppError(invalidCode(name, parsed.error), describe(parsed.error));
    return { ok: true, value: await handler(parsed.data as ParsedRequest<N>, connection) };
  } catch (error) {
    if (!(error instanceof AppError)) onBug(error, name);
    return { ok: false, error: toWireError(error) };
  }
}

/** A malformed box or comment is the user's to mend, so it gets the words for that. */
function invalidCode(name: RequestName, error: z.ZodError): 'box-invalid' | 'comment-invalid' | 'message-invalid' {
  const only = (field: string) => error.issues.every(({ path }) => path.join('.') === field);
  if (name === 'prompt:segment' && error.issues.every(({ path }) => path[0] === 'box')) return 'box-invalid';
  return name === 'document:apply' && only('operation.comment') ? 'comment-invalid' : 'message-invalid';
}

/** Paths and expectations only: zod's texts never quote the received value. */
function describe(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.join('.') || 'message'}: ${message}`)
    .join('; ');
}
