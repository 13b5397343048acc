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

/**
 * Other Postgres processes do this on the side; PGlite has none. Without it the log of what was written and the rows that were
 * replaced stay for good, and all of that log is read again after a crash.
 */
const UPKEEP = ['checkpoint', 'vacuum medsam_checkpoint', 'vacuum medsam_journal'];
const UPKEEP_AFTER_BYTES = 64 * 1024 ** 2;
/** The first time on a database that an older server let grow: what is cut short begins anew. */
const UPKEEP_TIMEOUT_MS = 600_000;

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

  let writtenBytes = 0;
  let upkeep: Promise<void> = Promise.resolve();

  async function execute<R>(sql: string, parameters: readonly unknown[] = []): Promise<QueryResult<R>> {
    for (const value of parameters) if (typeof value === 'string') writtenBytes += value.length;
    const { rows, affected } = await (await living()).query(sql, parameters);
    return { rows: rows as R[], numAffectedRows: BigInt(affected) };
  }

  /** @returns What frees the connection. */
  async function acquire(): Promise<() => void> {
    const before = free;
    let release: () => void = () => undefined;
    free = new Promise((resolve) => (release = resolve));
    await before;
    return release;
  }

  /** Each statement takes its turn, so that whoever asks meanwhile waits for one of them at most. */
  async function keepUp(): Promise<void> {
    for (const sql of UPKEEP) {
      const release = await acquire();
      try {
        await (await living()).query(sql, [], UPKEEP_TIMEOUT_MS);
      } catch {
        // It comes again; what is wrong with the disk, whoever writes next is told.
      } finally {
        release();
      }
    }
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
      const connection: DatabaseConnection = {
        executeQuery: ({ sql, parameters }) => execute(sql, parameters),
        streamQuery: () => {
          throw new Error('PGlite answers whole');
        },
      };
      releases.set(connection, await acquire());
      return connection;
    },
    beginTransaction: async () => void (await execute('begin')),
    commitTransaction: async () => void (await execute('commit')),
    rollbackTransaction: async () => void (await execute('rollback')),
    releaseConnection(connection) {
      if (writtenBytes >= UPKEEP_AFTER_BYTES) {
        writtenBytes = 0;
        upkeep = keepUp();
      }
      releases.get(connection)?.();
      return Promise.resolve();
    },
    async destroy() {
      await upkeep;
      await thread.close();
    },
  };
}
