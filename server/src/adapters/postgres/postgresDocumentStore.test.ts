import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe } from 'vitest';
import { storeContract } from '../../ports/documentStore.contract.ts';
import { openDocumentStore } from './postgresDocumentStore.ts';

describe('documents in the embedded Postgres', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'medsam-store-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  storeContract(() => openDocumentStore({ folder }));
});

const SERVER_URL = process.env['MEDSAM_TEST_POSTGRES_URL'] ?? 'postgres://postgres@127.0.0.1:5432/test';

const answers = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  );
};

describe.runIf(await answers(SERVER_URL))('documents in a PostgreSQL server', () => {
  const schema = `medsam_test_${String(process.pid)}`;
  const inSchema = `${SERVER_URL}${SERVER_URL.includes('?') ? '&' : '?'}options=-c%20search_path%3D${schema}`;
  const administer = async (sql: string) => {
    const client = new pg.Client({ connectionString: SERVER_URL });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  beforeAll(() => administer(`create schema ${schema}`));
  afterAll(() => administer(`drop schema ${schema} cascade`));
  storeContract(() => openDocumentStore({ url: inSchema }));
});
