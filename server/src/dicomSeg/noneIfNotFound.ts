import { AppError } from '@ohif-medsam/protocol';

/** A series that was deleted, or that the archive lists before it can be read, has no instances. */
export function noneIfNotFound(error: unknown): readonly [] {
  if (error instanceof AppError && error.code === 'not-found') return [];
  throw error;
}
