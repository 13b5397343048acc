import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely';
import { PgliteThread } from './pgliteThread.ts';

const FIRST_RESTART_MS = 1_000;
const LAST_RESTART_MS = 30_000;

/** Kysely on PGlite: the SQL of Postgres over the one connection that there is. */
export const pgliteDialect = (folder: string): Dialect => ({
  createAdapter: () => new PostgresAdapter(),
  createQueryCompiler: () => new PostgresQueryCompiler(),
  createIntrospector: (db) => new PostgresIntrospector(db),
  createDriver: () => pgliteDriver(folder),
});

function pgliteDriver(folder: string): Driver {
  let thread: PgliteThread;
  /** Resolves when the one connection is free. */
  let free: Promise<void> = Promise.resolve();
  const releases = new WeakMap<DatabaseConnection, () => void>();

  let failedStarts = 0;
  let lastFailure: { readonly error: unknown; readonly atMs: number } | undefined;

  /**
   * Postgres gives up on some failures, such as a disk that is full at the wrong moment, and recovers when it is started
   * again. A start takes a second of a processor and hundreds of megabytes: while it does not help it is tried ever more seldom.
   */
  async function living(): Promise<PgliteThread> {
    if (!thread.dead) return thread;
    const waitMs = Math.min(LAST_RESTART_MS, FIRST_RESTART_MS * 2 ** (failedStarts - 1));
    if (lastFailure && Date.now() - lastFailure.atMs < waitMs) throw lastFailure.error;
    try {
      thread = await PgliteThread.start(folder);
    } catch (error) {
      failedStarts++;
      lastFailure = { error, atMs: Date.now() };
      throw error;
    }
    failedStarts = 0;
    lastFailure = undefined;
    return thread;
  }

  async function execute<R>(sql: string, parameters: readonly unknown[] = []): Promise<QueryResult<R>> {
    const { rows, affected } = await (await living()).query(sql, parameters);
    return { rows: rows as R[], numAffectedRows: BigInt(affected) };
  }

  return {
    async init() {
      const isNew = !existsSync(join(folder, 'PG_VERSION'));
      thread = await PgliteThread.start(folder);
      if (!isNew) return;
      // Making a database leaves some 500 MB of WebAssembly memory behind, which only the end of the thread gives back.
      await thread.close();
      thread = await PgliteThread.start(folder);
    },
    async acquireConnection() {
      const before = free;
      const connection: DatabaseConnection = {
        executeQuery: ({ sql, parameters }) => execute(sql, parameters),
        streamQuery: () => {
          throw new Error('PGlite answers whole');
        },
      };
      free = new Promise((resolve) => releases.set(connection, resolve));
      await before;
      return connection;
    },
    beginTransaction: async () => void (await execute('begin')),
    commitTransaction: async () => void (await execute('commit')),
    rollbackTransaction: async () => void (await execute('rollback')),
    releaseConnection(connection) {
      releases.get(connection)?.();
      return Promise.resolve();
    },
    destroy: () => thread.close(),
  };
}
