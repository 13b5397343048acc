import { AppError, parseFrameKey, type DocumentChanged, type FrameKey } from '@ohif-medsam/protocol';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDocumentStore } from '../adapters/postgres/postgresDocumentStore.ts';
import type { DocumentStore } from '../ports/documentStore.ts';
import { keepDocuments, type Documents, type SeriesShape } from './documents.ts';
import { anyCommand, type Command } from './fixtures/commands.ts';
import {
  addSegment,
  afterChange,
  ALICE,
  BOB,
  COLUMNS,
  FRAMES,
  id,
  paint,
  promptOn,
  ROWS,
  visible,
} from './fixtures/scene.ts';
import type { Operation } from './operations.ts';

const clock = { now: () => new Date('2026-01-02T03:04:05Z') };
let folder: string;
let store: DocumentStore;
let series: SeriesShape;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medsam-documents-'));
  store = await openDocumentStore({ folder });
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  series = { seriesUid: `1.2.${String(++count)}`, frames: FRAMES.map((key) => frameOf(key)) };
});

const frameOf = (key: FrameKey, columns = COLUMNS) => ({ ...parseFrameKey(key), columns, rows: ROWS });

const keep = (over: Partial<Parameters<typeof keepDocuments>[0]> = {}): Documents =>
  keepDocuments({ store, clock, uuid: randomUUID, ...over });

/** What the store would give a server that starts now. */
const reopened = async () => {
  const documents = keep();
  return documents.open(series);
};

describe('documents', () => {
  it('[DOC-14] a repeated request changes nothing and gives the same revision, even after a restart', async () => {
    const documents = keep();
    await documents.open(series);
    const request = [series.seriesUid, ALICE, id(500), addSegment(1)] as const;
    expect(await documents.apply(...request)).toBe(1);
    expect(await documents.apply(...request)).toBe(1);
    await documents.undo(series.seriesUid, ALICE, id(501));
    expect(await documents.undo(series.seriesUid, ALICE, id(501))).toBe(2);
    const again = keep({ stepsPerCheckpoint: 1 });
    expect((await again.open(series)).revision).toBe(2);
    expect(await again.apply(...request)).toBe(1);
    expect(await again.redo(series.seriesUid, ALICE, id(502))).toBe(3);
    const afterCheckpoint = keep();
    await afterCheckpoint.open(series);
    expect(await afterCheckpoint.apply(...request)).toBe(1);
  });

  it('[DOC-2] takes requests one after the other in the order of the calls, and tells everyone each', async () => {
    const documents = keep();
    await documents.open(series);
    const told: DocumentChanged[] = [];
    documents.onChanged((change) => told.push(change));
    await documents.apply(series.seriesUid, BOB, id(600), addSegment(1));
    const revisions = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        documents.apply(series.seriesUid, n % 2 ? ALICE : BOB, id(601 + n), paint(n)),
      ),
    );
    expect(revisions).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(told.map(({ revision }) => revision)).toEqual([1, ...revisions]);
    expect(told.at(-1)).toMatchObject({ by: ALICE.id, operationId: id(610), cells: [{ runs: [0, 10] }] });
  });

  it('[DOC-15] a step that cannot be stored has not happened, and work goes on when the store is back', async () => {
    let broken = false;
    const flaky: DocumentStore = {
      ...store,
      append: (...entry) => (broken ? Promise.reject(new AppError('state-unwritable')) : store.append(...entry)),
    };
    const documents = keep({ store: flaky });
    await documents.open(series);
    await documents.apply(series.seriesUid, BOB, id(700), addSegment(1));
    const before = await documents.snapshot(series.seriesUid);
    const told: DocumentChanged[] = [];
    documents.onChanged((change) => told.push(change));
    broken = true;
    await expect(documents.apply(series.seriesUid, BOB, id(701), paint(0))).rejects.toMatchObject({
      code: 'state-unwritable',
    });
    expect(await documents.snapshot(series.seriesUid)).toEqual(before);
    expect(told).toEqual([]);
    broken = false;
    expect(await documents.apply(series.seriesUid, BOB, id(701), paint(0))).toBe(2);
    expect(await reopened()).toEqual(await documents.snapshot(series.seriesUid));
  });

  it('[DOC-15] a step that was stored although the store said no is taken over, not done twice', async () => {
    let lost = false;
    const deaf: DocumentStore = {
      ...store,
      append: async (...entry) => {
        await store.append(...entry);
        if (lost) throw new AppError('state-unwritable');
      },
    };
    const documents = keep({ store: deaf });
    await documents.open(series);
    await documents.apply(series.seriesUid, BOB, id(710), addSegment(1));
    lost = true;
    await documents.apply(series.seriesUid, BOB, id(711), paint(0)).catch(() => undefined);
    lost = false;
    expect(await documents.apply(series.seriesUid, BOB, id(711), paint(0))).toBe(2);
    expect(await documents.apply(series.seriesUid, BOB, id(712), paint(1))).toBe(3);
    expect(await reopened()).toEqual(await documents.snapshot(series.seriesUid));
  });

  it('takes masks in frames that were announced after the first, as a viewer does that splits a series', async () => {
    const documents = keep();
    await documents.open({ ...series, frames: series.frames.slice(1) });
    await documents.apply(series.seriesUid, ALICE, id(720), addSegment(1));
    const refused = documents.apply(series.seriesUid, ALICE, id(721), paint(0));
    await expect(refused).rejects.toMatchObject({ code: 'operation-invalid' });
    await documents.open({ ...series, frames: series.frames.slice(0, 1) });
    expect(await documents.apply(series.seriesUid, ALICE, id(722), paint(0))).toBe(2);
  });

  it('takes masks up to the end of each image, of whatever size the image opened first is', async () => {
    const documents = keep();
    await documents.open({ ...series, frames: [frameOf(FRAMES[1])] });
    documents.close(series.seriesUid);
    await documents.open({ ...series, frames: [frameOf(FRAMES[0], 2 * COLUMNS)] });
    await documents.apply(series.seriesUid, ALICE, id(723), addSegment(1));
    expect(await documents.apply(series.seriesUid, ALICE, id(724), paint(2 * COLUMNS * ROWS - 1))).toBe(2);
    for (const beyond of [paint(2 * COLUMNS * ROWS), promptOn(1, FRAMES[1], [COLUMNS * ROWS, 1])])
      await expect(documents.apply(series.seriesUid, ALICE, randomUUID(), beyond)).rejects.toMatchObject({
        code: 'operation-invalid',
      });
  });

  it('settled: shows what was asked for before, although it is still being stored', async () => {
    const documents = keep();
    await documents.open(series);
    await documents.apply(series.seriesUid, ALICE, id(730), addSegment(1));
    const stroke = documents.apply(series.seriesUid, ALICE, id(731), paint(0));
    expect((await documents.settled(series.seriesUid)).cells).toMatchObject([{ runs: [0, 1] }]);
    await stroke;
  });

  it('[DOC-13] refuses what could not be read back, and stores nothing of it', async () => {
    const documents = keep();
    await documents.open(series);
    const load: Operation = {
      kind: 'load',
      segments: [],
      cells: [],
      from: { segSeriesUid: '1.2', sopInstanceUid: '1..2', instanceNumber: 1 },
    };
    await expect(documents.apply(series.seriesUid, ALICE, id(720), load)).rejects.toMatchObject({
      code: 'operation-invalid',
    });
    expect(await documents.apply(series.seriesUid, ALICE, id(721), addSegment(1))).toBe(1);
    expect(await reopened()).toEqual(await documents.snapshot(series.seriesUid));
  });

  it('refuses a series that nobody opened', async () => {
    await expect(keep().apply('1.2.3.4', ALICE, id(1), addSegment(1))).rejects.toMatchObject({
      code: 'series-unknown',
    });
  });

  it('lets idle documents go and finds them in the store again', async () => {
    const documents = keep({ idleDocuments: 1 });
    const many = [1, 2, 3].map((n) => ({ ...series, seriesUid: `${series.seriesUid}.${String(n)}` }));
    for (const { seriesUid, ...shape } of many) {
      await documents.open({ seriesUid, ...shape });
      await documents.apply(seriesUid, ALICE, randomUUID(), addSegment(1));
      documents.close(seriesUid);
    }
    await expect(documents.snapshot(many[0]!.seriesUid)).rejects.toMatchObject({ code: 'series-unknown' });
    expect((await documents.snapshot(many[2]!.seriesUid)).revision).toBe(1);
    expect((await documents.open(many[0]!)).segments).toHaveLength(1);
  });

  it('keeps the document of work that goes on when everybody has left', async () => {
    const documents = keep({ idleDocuments: 0 });
    const { seriesUid } = series;
    await documents.open(series);
    await documents.hold(seriesUid, async () => {
      documents.close(seriesUid);
      expect(await documents.apply(seriesUid, ALICE, randomUUID(), addSegment(1))).toBe(1);
    });
    await documents.open(series);
    documents.close(seriesUid);
    await expect(documents.snapshot(seriesUid)).rejects.toMatchObject({ code: 'series-unknown' });
  });

  it('says that what the store holds is no document', async () => {
    await store.checkpoint(series.seriesUid, 5, { version: 99 });
    await expect(keep().open(series)).rejects.toMatchObject({ code: 'state-corrupt' });
  });

  it('says that entries of the journal are missing', async () => {
    const entry = { operationId: id(1), author: ALICE.id, at: 'now', body: { step: 'undo' } };
    await store.append(series.seriesUid, [{ revision: 3, ...entry }]);
    await expect(keep().open(series)).rejects.toMatchObject({ code: 'state-corrupt' });
  });
});

describe('two people over a bad line', () => {
  /** Sends a command until an answer arrives, as a page does: the request or its answer may be lost on the way. */
  async function send(documents: Documents, { who, does }: Command, losses: readonly ('request' | 'answer')[]) {
    const author = who === 'alice' ? ALICE : BOB;
    const operationId = randomUUID();
    for (const loss of [...losses, 'nothing']) {
      if (loss === 'request') continue;
      const { seriesUid } = series;
      const sent =
        typeof does === 'string'
          ? documents[does](seriesUid, author, operationId)
          : documents.apply(seriesUid, author, operationId, does);
      await sent.catch((error: unknown) => {
        if (!(error instanceof AppError)) throw error;
      });
    }
  }

  const anyLosses = fc.array(fc.constantFrom('request' as const, 'answer' as const), { maxLength: 2 });
  const anySession = fc.array(fc.tuple(anyCommand, anyLosses), { maxLength: 25, size: 'max' });

  it('[DOC-1] [DOC-14] pages that follow the changes, the server, and a restarted server hold the same document', async () => {
    let session = 0;
    await fc.assert(
      fc.asyncProperty(anySession, anySession, async (ofAlice, ofBob) => {
        series = { ...series, seriesUid: `1.9.${String(count)}.${String(++session)}` };
        const documents = keep({ stepsPerCheckpoint: 7 });
        let page = await documents.open(series);
        documents.onChanged((change) => {
          expect(change.revision).toBe(page.revision + 1);
          page = afterChange(page, change);
        });
        const work = async (who: 'alice' | 'bob', session: typeof ofAlice) => {
          for (const [command, losses] of session) await send(documents, { ...command, who }, losses);
        };
        await send(documents, { who: 'bob', does: addSegment(1) }, []);
        await Promise.all([work('alice', ofAlice), work('bob', ofBob)]);
        const snapshot = await documents.snapshot(series.seriesUid);
        expect(visible(page)).toEqual(visible(snapshot));
        expect(visible(await reopened())).toEqual(visible(snapshot));
      }),
      { numRuns: 15 },
    );
  });
});
