/** Between pgliteThread and pgliteWorker. */
export interface SqlRequest {
  readonly id: number;
  readonly sql: string;
  readonly parameters: readonly unknown[];
}
export type SqlAnswer =
  | { readonly id: number; readonly rows: readonly unknown[]; readonly affected: number }
  | { readonly id: number; readonly message: string; readonly code: string | undefined };

/** The id of the worker's first message: the database is ready, or why not. */
export const START = 0;
