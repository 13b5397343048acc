import { AppError } from '@ohif-medsam/protocol';
import { Kysely, PostgresDialect, sql, type Dialect } from 'kysely';
import pg from 'pg';
import type { DocumentStore, JournalEntry } from '../../ports/documentStore.ts';
import { pgliteDialect } from './pgliteDialect.ts';
import { TIMED_OUT } from './pgliteThread.ts';
import { migrate, type Tables } from './schema.ts';

/** Where documents are kept: in the embedded Postgres under a folder, or in a PostgreSQL server. */
export type PostgresPlace = { readonly folder: string } | { readonly url: string };

/**
 * Opens the store and brings its schema up to date.
 * @throws AppError `documents-unreachable` if a PostgreSQL server cannot be used; `state-unwritable`, `state-timeout` or
 *   `state-corrupt` if the embedded database cannot be opened.
 */
export async function openDocumentStore(place: PostgresPlace): Promise<DocumentStore> {
  const db = new Kysely<Tables>({ dialect: dialectFor(place) });
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw 'url' in place ? unreachable(error) : openingError(error);
  }
  return storeOn(db, 'url' in place);
}

const CONNECT_TIMEOUT_MS = 10_000;
/** The checkpoint of the largest document takes seconds. */
const QUERY_TIMEOUT_MS = 60_000;

function dialectFor(place: PostgresPlace): Dialect {
  if ('folder' in place) return pgliteDialect(place.folder);
  const pool = new pg.Pool({
    connectionString: place.url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
  });
  // A connection that breaks is replaced, and a statement that ran on it is told; without listeners on the idle ones (the pool)
  // and on those at work (each its own) it would end the process besides.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return new PostgresDialect({ pool });
}

/** @param isServer - Whether a network and another program lie in between. */
const storeOn = (db: Kysely<Tables>, isServer: boolean): DocumentStore => ({
  async load(seriesUid) {
    // Of one moment: a checkpoint written in between would take away the entries that follow the older one.
    const read = db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (moment) => {
        const checkpoint = await moment
          .selectFrom('medsam_checkpoint')
          .select(['revision', 'state'])
          .where('series_uid', '=', seriesUid)
          .executeTakeFirst();
        const rows = await moment
          .selectFrom('medsam_journal')
          .selectAll()
          .where('series_uid', '=', seriesUid)
          .where('revision', '>', checkpoint?.revision ?? 0)
          .orderBy('revision')
          .execute();
        return { checkpoint, rows };
      });
    const { checkpoint, rows } = await read.catch((error: unknown) => {
      throw isServer ? unreachable(error) : openingError(error);
    });
    return {
      checkpoint: checkpoint ? { revision: checkpoint.revision, state: JSON.parse(checkpoint.state) as unknown } : null,
      entries: rows.map(({ revision, operation_id: operationId, author, at, body }): JournalEntry => ({
        revision,
        operationId,
        author,
        at,
        body: JSON.parse(body) as unknown,
      })),
    };
  },

  async append(seriesUid, entries) {
    if (entries.length === 0) return;
    const rows = entries.map(({ revision, operationId, author, at, body }) => ({
      series_uid: seriesUid,
      revision,
      operation_id: operationId,
      author,
      at,
      body: JSON.stringify(body),
    }));
    await written(isServer, db.insertInto('medsam_journal').values(rows).execute());
  },

  async checkpoint(seriesUid, revision, state) {
    // One statement, hence atomic without a transaction that would have to be rolled back. Entries that are covered lose their body but
    // keep their revision, and no checkpoint replaces a later one: a server that does not know what another one wrote to this database
    // gets a conflict, however far behind it is.
    const text = JSON.stringify(state);
    await written(
      isServer,
      sql`with covered as (
            update medsam_journal set body = ''
            where series_uid = ${seriesUid} and revision <= ${revision} and revision > coalesce(
              (select revision from medsam_checkpoint where series_uid = ${seriesUid}), 0)
          )
          insert into medsam_checkpoint (series_uid, revision, state) values (${seriesUid}, ${revision}, ${text})
          on conflict (series_uid) do update set revision = excluded.revision, state = excluded.state
          where medsam_checkpoint.revision < excluded.revision`.execute(db),
    );
  },

  close: () => db.destroy(),
});

/** SQLSTATE of a primary key used twice. */
const UNIQUE_VIOLATION = '23505';

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** Says in the registry's words why something could not be written: another server wrote first, or the disk failed. */
async function written(isServer: boolean, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (codeOf(error) === UNIQUE_VIOLATION)
      throw new AppError('state-locked', 'It writes to the same database of documents.', { cause: error });
    if (isServer && !isAboutData(error)) throw unreachable(error);
    throw new AppError('state-unwritable', undefined, { cause: error });
  }
}

/**
 * Whether PostgreSQL itself answered, and about the statement: everything else is the way to it. Classes 08, 28, 3D, 53300 and
 * 57P are about the connection, the sign-in, the database, too many connections and a server that is going down.
 */
const isAboutData = (error: unknown): boolean => {
  const code = codeOf(error);
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^(08|28|3D|53300|57P)/.test(code);
};

/** What PostgreSQL and the network say names hosts, users and databases, and no data. */
function unreachable(error: unknown): AppError {
  const said = error instanceof Error && error.message !== '' ? error.message : String(codeOf(error));
  return new AppError('documents-unreachable', `It said: ${said}.`, { cause: error });
}

/** SQLSTATE disk_full, and what the file system says. */
const UNWRITABLE = ['53100', 'ENOSPC', 'EROFS', 'EACCES', 'EPERM', 'ENOTDIR', 'EEXIST'];

function openingError(error: unknown): AppError {
  if (codeOf(error) === TIMED_OUT)
    return new AppError('state-timeout', 'It is the database of the documents.', { cause: error });
  const unwritable = UNWRITABLE.includes(String(codeOf(error)));
  return new AppError(
    unwritable ? 'state-unwritable' : 'state-corrupt',
    unwritable ? undefined : 'It is the database of the documents.',
    { cause: error },
  );
}
