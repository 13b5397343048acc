import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
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

const SERVER_URL = process.env['MEDSAM_TEST_POSTGRES_URL'];
const suite = 'documents in a PostgreSQL server';

if (SERVER_URL === undefined) {
  if (process.env['CI'] === 'true') throw new Error(`${suite}: set MEDSAM_TEST_POSTGRES_URL`);
  describe.skip(`${suite} [set MEDSAM_TEST_POSTGRES_URL]`, () => undefined);
} else {
  describe(suite, () => {
    const schema = `medsam_test_${String(process.pid)}`;
    const inSchema = new URL(SERVER_URL);
    inSchema.searchParams.set('options', `-c search_path=${schema}`);
    const administer = async (sql: string) => {
      const client = new pg.Client({ connectionString: SERVER_URL });
      await client.connect();
      await client.query(sql);
      await client.end();
    };
    beforeAll(() => administer(`create schema ${schema}`));
    afterAll(() => administer(`drop schema ${schema} cascade`));
    storeContract(() => openDocumentStore({ url: inSchema.href }));

    it('are not reached with a wrong password, which is no damage to them', async () => {
      const stranger = new URL(SERVER_URL);
      stranger.password = 'wrong';
      await expect(openDocumentStore({ url: stranger.href })).rejects.toMatchObject({
        code: 'documents-unreachable',
        detail: expect.stringContaining('password') as string,
      });
    });

    it('are not reached while it restarts, and then as before', async () => {
      const store = await openDocumentStore({ url: inSchema.href });
      const entry = (revision: number) => ({ revision, operationId: 'o', author: 'a', at: '2026-01-02', body: {} });
      await store.append('1.2.3', [entry(1)]);
      // What a server that goes down does to its connections.
      await administer(
        "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'",
      );
      // Each of the connections may have to be tried before it is known to be gone.
      await vi.waitFor(async () => {
        const failure = await store.append('1.2.3', [entry(2)]).catch((error: unknown) => error);
        if (failure !== undefined) expect(failure).toMatchObject({ code: 'documents-unreachable' });
        expect(failure).toBeUndefined();
      });
      expect((await store.load('1.2.3')).entries).toHaveLength(2);
      await store.close();
    });
  });
}

describe('a PostgreSQL server that is not there', () => {
  it('is told from damage: nothing has to be restored', async () => {
    await expect(openDocumentStore({ url: 'postgres://medsam:secret@127.0.0.1:9/medsam' })).rejects.toMatchObject({
      code: 'documents-unreachable',
      detail: expect.not.stringContaining('secret') as string,
    });
  });
});
