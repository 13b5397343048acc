import { Migrator, sql, type Kysely, type Migration } from 'kysely';

/** Bodies and states are JSON text: nobody queries inside, and jsonb of a hundred thousand run lengths takes tens of ms to parse. */
export interface Tables {
  medsam_journal: {
    series_uid: string;
    revision: number;
    operation_id: string;
    author: string;
    /** ISO 8601 */
    at: string;
    body: string;
  };
  medsam_checkpoint: { series_uid: string; revision: number; state: string };
}

/** In order; what stands here is never changed, only added to. */
const MIGRATIONS: Record<string, Migration> = {
  '001-documents': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('medsam_journal')
        .addColumn('series_uid', 'text', (column) => column.notNull())
        .addColumn('revision', 'integer', (column) => column.notNull())
        .addColumn('operation_id', 'text', (column) => column.notNull())
        .addColumn('author', 'text', (column) => column.notNull())
        .addColumn('at', 'text', (column) => column.notNull())
        .addColumn('body', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('medsam_journal_pk', ['series_uid', 'revision'])
        .execute();
      await db.schema
        .createTable('medsam_checkpoint')
        .addColumn('series_uid', 'text', (column) => column.primaryKey())
        .addColumn('revision', 'integer', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .execute();
      // Run lengths hardly shrink by Postgres' own compression, which costs more time than the insert.
      await sql`alter table medsam_journal alter column body set storage external`.execute(db);
      await sql`alter table medsam_checkpoint alter column state set storage external`.execute(db);
    },
  },
};

/** Brings the database to the newest schema. @throws what the failing migration threw; nothing of it is kept. */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(MIGRATIONS) },
    migrationTableName: 'medsam_migration',
    migrationLockTableName: 'medsam_migration_lock',
  });
  const { error } = await migrator.migrateToLatest();
  if (error instanceof Error) throw error;
}
