import { AppError } from '@ohif-medsam/protocol';
import { Kysely, PostgresDialect, sql, type Dialect } from 'kysely';
import pg from 'pg';
import type { DocumentStore, JournalEntry } from '../../ports/documentStore.ts';
import { pgliteDialect } from './pgliteDialect.ts';
import { migrate, type Tables } from './schema.ts';

/** Where documents are kept: in the embedded Postgres under a folder, or in a PostgreSQL server. */
export type PostgresPlace = { readonly folder: string } | { readonly url: string };

/**
 * Opens the store and brings its schema up to date.
 * @throws AppError `state-unwritable`, or `state-corrupt` if the database cannot be opened.
 */
export async function openDocumentStore(place: PostgresPlace): Promise<DocumentStore> {
  const db = new Kysely<Tables>({ dialect: dialectFor(place) });
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw openingError(error);
  }
  return storeOn(db);
}

function dialectFor(place: PostgresPlace): Dialect {
  if ('folder' in place) return pgliteDialect(place.folder);
  const pool = new pg.Pool({ connectionString: place.url });
  // An idle connection that breaks is replaced; without a listener it would end the process.
  pool.on('error', () => undefined);
  return new PostgresDialect({ pool });
}

const storeOn = (db: Kysely<Tables>): DocumentStore => ({
  async load(seriesUid) {
    // Of one moment: a checkpoint written in between would take away the entries that follow the older one.
    const { checkpoint, rows } = await db
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
    await written(db.insertInto('medsam_journal').values(rows).execute());
  },

  async checkpoint(seriesUid, revision, state) {
    // One statement, hence atomic without a transaction that would have to be rolled back.
    const text = JSON.stringify(state);
    await written(
      sql`with covered as (
            delete from medsam_journal where series_uid = ${seriesUid} and revision <= ${revision}
          )
          insert into medsam_checkpoint (series_uid, revision, state) values (${seriesUid}, ${revision}, ${text})
          on conflict (series_uid) do update set revision = excluded.revision, state = excluded.state`.execute(db),
    );
  },

  close: () => db.destroy(),
});

/** SQLSTATE of a primary key used twice. */
const UNIQUE_VIOLATION = '23505';

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

/** Says in the registry's words why something could not be written: another server wrote first, or the disk failed. */
async function written(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw new AppError(codeOf(error) === UNIQUE_VIOLATION ? 'state-locked' : 'state-unwritable', undefined, {
      cause: error,
    });
  }
}

/** SQLSTATE disk_full, and what the file system says. */
const UNWRITABLE = ['53100', 'ENOSPC', 'EROFS', 'EACCES', 'EPERM', 'ENOTDIR', 'EEXIST'];

function openingError(error: unknown): AppError {
  const unwritable = UNWRITABLE.includes(String(codeOf(error)));
  return new AppError(
    unwritable ? 'state-unwritable' : 'state-corrupt',
    unwritable ? undefined : 'It is the database of the documents.',
    { cause: error },
  );
}
