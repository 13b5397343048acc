// @ts-check
// Plain JavaScript, because tsx does not reach into worker threads on Node 20.
import { PGlite } from '@electric-sql/pglite';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * @typedef {import('./pgliteMessages.ts').SqlRequest} SqlRequest
 * @typedef {import('./pgliteMessages.ts').SqlAnswer} SqlAnswer
 */

/** @param {SqlAnswer} answer */
const tell = (answer) => parentPort?.postMessage(answer);

/** @param {number} id @param {unknown} error */
const fail = (id, error) =>
  tell({
    id,
    message: error instanceof Error ? error.message : String(error),
    code: error instanceof Error && 'code' in error ? String(error.code) : undefined,
  });

const database = new PGlite(workerData.folder);
const START = 0;
database.waitReady.then(
  () => tell({ id: START, rows: [], affected: 0 }),
  (error) => fail(START, error),
);

parentPort?.on('message', (/** @type {SqlRequest | 'close'} */ request) => {
  if (request === 'close') {
    database.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
    return;
  }
  const { id, sql, parameters } = request;
  database.query(sql, [...parameters]).then(
    ({ rows, affectedRows }) => tell({ id, rows, affected: affectedRows ?? 0 }),
    (error) => fail(id, error),
  );
});
