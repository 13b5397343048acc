import {
  AppError,
  REQUESTS,
  toWireError,
  type Ack,
  type Answers,
  type ErrorCode,
  type ParsedRequest,
  type RequestName,
} from '@ohif-medsam/protocol';
import type { z } from 'zod';

export type Handler<N extends RequestName, C> = (message: ParsedRequest<N>, connection: C) => Promise<Answers[N]>;
export type Handlers<C, N extends RequestName = RequestName> = { readonly [K in N]: Handler<K, C> };

/**
 * The border: the only place where a payload becomes a typed value. Whatever happens, there is one acknowledgement.
 * @param onFailure - Told of every error.
 */
export async function answer<N extends RequestName, C>(
  name: N,
  handler: Handler<N, C>,
  raw: unknown,
  connection: C,
  onFailure: (error: unknown, name: RequestName) => void,
): Promise<Ack<Answers[N]>> {
  try {
    const parsed = REQUESTS[name].safeParse(raw);
    if (!parsed.success) throw new AppError(invalidCode(name, parsed.error), describe(parsed.error));
    return { ok: true, value: await handler(parsed.data as ParsedRequest<N>, connection) };
  } catch (error) {
    onFailure(error, name);
    return { ok: false, error: toWireError(error) };
  }
}

/** A malformed box or comment, or too much at once, is the user's to mend, so it gets the words for that. */
function invalidCode(name: RequestName, { issues }: z.ZodError): ErrorCode {
  const only = (field: string) => issues.every(({ path }) => path.join('.') === field);
  if (name.startsWith('prompt:') && issues.every(({ path }) => path[0] === 'box')) return 'box-invalid';
  if (name === 'document:apply' && only('operation.comment')) return 'comment-invalid';
  const isTooLarge = issues.every((issue) => issue.code === 'too_big' && issue.origin === 'array');
  return isTooLarge ? 'message-too-large' : 'message-invalid';
}

/** Paths and expectations only: zod's texts never quote the received value. */
function describe(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.join('.') || 'message'}: ${message}`)
    .join('; ');
}
